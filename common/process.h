/* What any process says of itself in /metrics: memory, CPU time, descriptors, uptime, how busy its loop is. */
#ifndef TESSERA_PROCESS_H
#define TESSERA_PROCESS_H

void process_metrics_start(void); /* once, before the loop runs */
double process_uptime(void);      /* s since process_metrics_start() */

#endif
