/* Commands that ask the supervisor. Each returns the exit status. */
#ifndef TESSERA_STATUS_H
#define TESSERA_STATUS_H

int status_show(int argc, char **argv);
int status_wait(int argc, char **argv);

#endif
