/*
 * The supervisor's own supervisor: a small process that waits for the supervisor to end, or to hang. Told to stop first, it
 * leaves; otherwise the supervisor was killed, and it becomes the new one, which takes over the running services.
 */
#ifndef TESSERA_KEEPER_H
#define TESSERA_KEEPER_H

/* Called by main() before anything else: does not return when the arguments are those of a keeper. */
void keeper_main(int argc, char **argv);
/* The arguments of a keeper for this process; the caller frees the list and its texts. */
char **keeper_arguments(void);

#endif
