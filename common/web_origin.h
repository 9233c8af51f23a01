/* Which web pages may use the API: an origin is scheme, host and port of a page (RFC 6454). Pure. */
#ifndef TESSERA_WEB_ORIGIN_H
#define TESSERA_WEB_ORIGIN_H

/* "*" or `origin` when it is allowed, else NULL. `origins`: "*", or origins separated by blanks or commas, or empty: none. */
const char *web_origin_allowed(const char *origins, const char *origin);

#endif
