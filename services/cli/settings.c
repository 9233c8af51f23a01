#include "settings.h"

#include "cse.h"
#include "mem.h"

/* clang-format off */
const struct config_row client_config[] = {
    {"url", CONFIG_TEXT, "", 0, 4000, "where `tessera` finds the CSE, http://HOST:PORT or https://HOST:PORT; empty: the local installation"},
    {"originator", CONFIG_TEXT, "", 0, 1024, "who asks, in `tessera`; empty: cse.admin"},
    {"ca", CONFIG_TEXT, "", 0, 4000, "file of the authorities that `tessera` checks an https URL with; empty: the system's"},
    {"cert", CONFIG_TEXT, "", 0, 4000, "file of the certificate that `tessera` shows; empty: none"},
    {"key", CONFIG_TEXT, "", 0, 4000, "file of its key"},
    {NULL, CONFIG_TEXT, NULL, 0, 0, NULL},
};

/* Of other programs, with their defaults: where the local installation is. */
static const struct config_row local_config[] = {
    {"management.listen", CONFIG_TEXT, "127.0.0.1", 2, 45, "IP address of the management ports"},
    {"management.port", CONFIG_INT, "8090", 0, 65535, "port of the supervisor"},
    {"http.listen", CONFIG_TEXT, "127.0.0.1", 2, 45, "numeric address of the API"},
    {"http.port", CONFIG_INT, "8080", 0, 65535, "its port"},
    {"http.tls.port", CONFIG_INT, "0", 0, 65535, "its port with TLS"},
    {"storage.directory", CONFIG_TEXT, "", 0, 4000, "directory of the database"},
    {"http.connections", CONFIG_INT, "10000", 1, 1000000, "most connections at a time"},
    {"http.egress.ca", CONFIG_TEXT, "", 0, 4000, "authorities of targets"},
    {"tls.certificate", CONFIG_TEXT, "", 0, 4000, "its certificate"},
    {"tls.ca", CONFIG_TEXT, "", 0, 4000, "authorities of its clients"},
    {"mqtt.certificate", CONFIG_TEXT, "", 0, 4000, "what is shown to MQTT brokers"},
    {"mqtt.ca", CONFIG_TEXT, "", 0, 4000, "authorities of MQTT brokers"},
    {"websocket.egress.ca", CONFIG_TEXT, "", 0, 4000, "authorities of wss targets"},
    {"coap.egress.certificate", CONFIG_TEXT, "", 0, 4000, "what is shown to CoAP targets"},
    {"coap.egress.ca", CONFIG_TEXT, "", 0, 4000, "authorities of CoAP targets"},
    {"network.ca", CONFIG_TEXT, "", 0, 4000, "authorities of the underlying network"},
    {"broker.tls.certificate", CONFIG_TEXT, "", 0, 4000, "of the private broker"},
    {"broker.tls.ca", CONFIG_TEXT, "", 0, 4000, "its authority"},
    {"bus.host", CONFIG_TEXT, "127.0.0.1", 0, 255, "host of the broker"},
    {"bus.tls.ca", CONFIG_TEXT, "", 0, 4000, "authorities of the broker"},
    {"broker.port", CONFIG_INT, "5682", 1, 65535, "port of the private broker"},
    {NULL, CONFIG_TEXT, NULL, 0, 0, NULL},
};
/* clang-format on */

void settings_load(const char *file)
{
    const struct config_row *const tables[] = {client_config, local_config, cse_config, NULL};
    char *argv[] = {"tessera", "--config", (char *)(uintptr_t)file};

    config_load_some("tessera", tables, file ? 3 : 1, argv);
}
