/* Requests to the CSE over HTTP, TS-0009. */
#ifndef TESSERA_CLI_CLIENT_H
#define TESSERA_CLI_CLIENT_H

#include "command.h"
#include "str.h"

#include <jansson.h>

struct client;

struct call {
    const char *method;  /* "GET" */
    const char *address; /* as client_address() gives it */
    const char *query;   /* "rcn=6&lvl=1", or NULL */
    int ty;              /* of what is created; 0: nothing is */
    const char *body;    /* JSON, or NULL */
    bool quiet;          /* no message when it is not reachable */
    int seconds;         /* that the answer may take; 0: the usual time */
};

struct answer {
    int rsc;
    bool partial; /* there is more: content status 1 */
    int64_t next; /* and the offset to go on at */
    struct str body;
    json_t *pc; /* parsed; NULL when there is none, or it is no JSON */
};

/* From --url, --originator, --ca, --cert, --key and the settings behind them. NULL, and a message, when they cannot be. */
struct client *client_new(const struct args *args);
void client_free(struct client *client);
const char *client_originator(const struct client *client);
void client_set_originator(struct client *client, const char *originator);
const char *client_name(const struct client *client); /* of the CSEBase */
/* Where it is, "http://127.0.0.1:8080". */
const char *client_url(const struct client *client);

/*
 * The address that a word of the command line means, where the CSEBase is called `name`: "cse-in/x", "/cse-in/x" and "x" are one.
 * "/id-in/cse-in/x" and "//sp/id-in/cse-in/x" stay. Pure; the caller frees.
 */
char *client_address(const char *name, const char *word);

/*
 * Sends it. EXIT_OK: there is an answer, whatever it says; else the exit status, and a message what to do. `answer` is to be
 * given to answer_done() in any case.
 */
int client_send(struct client *client, const struct call *call, struct answer *answer);
/* The same, and an answer that is a refusal is printed: EXIT_REFUSED. */
int client_ask(struct client *client, const struct call *call, struct answer *answer);
/*
 * Likewise with the word of a command line for the address. What is not found as a name below the CSEBase is tried as a resource
 * id. *address is what was found in the end; the caller frees it, in any case.
 */
int client_ask_word(struct client *client, struct call *call, const char *word, char **address, struct answer *answer);
void answer_done(struct answer *answer);
/* "NOT_FOUND (4004): to: cse-in/x does not exist" on standard error. */
void answer_refused(const struct answer *answer);

/* Set by signal handlers: ends transfers within a second, silently. */
extern volatile int client_interrupted;

#endif
