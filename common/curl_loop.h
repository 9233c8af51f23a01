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

#endif
