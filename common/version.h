/* The version of the whole project. */
#ifndef TESSERA_VERSION_H
#define TESSERA_VERSION_H

#define TESSERA_VERSION "0.2.0"
#define TESSERA_SCHEMA 4 /* of the database: the steps in services/storage/migrations.c */

#endif
