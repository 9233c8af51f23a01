/* libcurl's transfers on the event loop: a multi handle for each purpose, with connections of its own. */
#ifndef TESSERA_CURL_LOOP_H
#define TESSERA_CURL_LOOP_H

#include <curl/curl.h>

#define CURL_LOOPS_MAX 2

/*
 * Starts libcurl; ends the process when that fails. `done` is called on the loop for each transfer that has ended, which is its
 * own to take out of the handle (curl_multi_remove_handle()). `context` is what CURLOPT_PRIVATE says. Use the handle returned for
 * adding transfers and for limits; its socket and timer functions are taken.
 */
CURLM *curl_loop_start(void (*done)(void *context, CURL *easy, CURLcode code));
void curl_loop_stop(CURLM *multi); /* when no transfer is left */

/*
 * The content of a POST that must not be carried out twice. On a kept connection that ends without an answer libcurl would
 * silently send it again; now that ends with CURLE_SEND_FAIL_REWIND, and a connection is used again only within a few seconds,
 * in which hardly anybody ends it. `content` stays where it is until the transfer has ended.
 */
struct curl_loop_content {
    const char *data;
    size_t len, sent;
};
void curl_loop_post_once(CURL *easy, struct curl_loop_content *content);

#endif
