/*
 * Block-wise transfer, RFC 7959: contents larger than one message, kept here while they come or go block by block. All that is
 * kept has bounds: of one content, of all together, and of the time between two blocks. No sockets.
 */
#ifndef TESSERA_COAP_BLOCK_H
#define TESSERA_COAP_BLOCK_H

#include "message.h"

#define BLOCK_MAX_SZX 6 /* 1024 bytes */

struct block {
    uint32_t num;
    bool more;
    unsigned szx;
};

static inline size_t block_size(unsigned szx)
{
    return (size_t)16 << szx;
}

/* 1: there is one; 0: there is none; -1: it is malformed. */
int block_read(const struct message *m, unsigned option, struct block *block);
bool block_add(struct message *m, struct arena *arena, unsigned option, const struct block *block);

struct block_limits {
    size_t content;   /* bytes of one content */
    size_t all;       /* bytes of all that are kept */
    int64_t patience; /* ms between two blocks */
};
void block_setup(const struct block_limits *limits);

/*
 * The next block of a content that comes under this key (peer, method, address, originator, request identifier).
 * Returns the code of what is to be said now: 231 (more is wanted), 0 (complete: `whole` has it, owned by the caller), 408 (not
 * the one that is next) or 413 (too large).
 */
int block_receive(struct slice key, const struct block *block, struct slice payload, int64_t now, struct str *whole);

/* Keeps a response whose payload is fetched block by block; it is copied, after it got an ETag. */
void block_keep(struct slice key, struct message *m, struct arena *arena, int64_t now);
/* The response kept under this key, with its whole payload; false: there is none. Borrows until the next call of any of these. */
bool block_kept(struct slice key, struct message *m, int64_t now);

/* Cuts `m`, with its whole payload, down to one block and says so. False: there is no such block. */
bool block_cut(struct message *m, struct arena *arena, const struct block *wanted);

void block_expire(int64_t now); /* forgets what nobody has gone on with */
size_t block_bytes(void);       /* kept now */
void block_forget(void);        /* everything */

#endif
