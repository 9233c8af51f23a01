#include "local.h"

#include "config.h"
#include "json.h"
#include "mem.h"

#include <curl/curl.h>

#define TIMEOUT_MS 3000L

static size_t gather(char *data, size_t one, size_t n, void *out)
{
    str_add(out, data, one * n);
    return one * n;
}

/* As a host in a URL. The caller frees. */
static char *host(void)
{
    const char *listen = config_text("management.listen");

    if (strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0)
        return xstrdup("127.0.0.1");
    return strchr(listen, ':') ? xasprintf("[%s]", listen) : xstrdup(listen);
}

/* `body` NULL: GET. */
static long perform(int port, const char *path, const char *body, struct str *out, char *why, size_t why_size)
{
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, "X-Tessera: 1"), "Content-Type: text/plain");
    auto_free char *where = host();
    auto_free char *url = xasprintf("http://%s:%d%s", where, port, path);
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_FAILED_INIT;
    long status = 0;

    if (curl) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, gather);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (body)
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_cleanup(curl);
    }
    curl_slist_free_all(headers);
    if (code == CURLE_OK)
        return status;
    snprintf(why, why_size, "%s: %s", url, curl_easy_strerror(code));
    return 0;
}

long local_get(int port, const char *path, struct str *out, char *why, size_t why_size)
{
    return perform(port, path, NULL, out, why, why_size);
}

long local_post(int port, const char *path, const char *body, struct str *out, char *why, size_t why_size)
{
    return perform(port, path, body, out, why, why_size);
}

json_t *local_status(struct str *text)
{
    char why[256];

    if (local_get((int)config_int("management.port"), "/status", text, why, sizeof(why)) != 200)
        return NULL;
    return json_parse(str_text(text), text->len, why, sizeof(why));
}
