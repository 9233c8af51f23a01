/* What is kept and how it is asked for. `path` sorts by bytes, so a subtree is the range between PATH/ and PATH0. */
#include "sql.h"

#define RESOURCE "SELECT id, ri, pi, ty, path, v, ct, lt, et, st, cni, cbs, subs, creator, acpi, a, key FROM resources "
#define INSTANCE_COLUMNS "id, parent, seq, ty, ct, et, cs, rn, labeled, a"
#define INSTANCE "SELECT " INSTANCE_COLUMNS " FROM instances "

const char *const sql_texts[SQL_COUNT] = {
    [RES_BY_RI] = RESOURCE "WHERE ri = ?",
    [RES_BY_PATH] = RESOURCE "WHERE path = ?",
    [RES_BY_ID] = RESOURCE "WHERE id = ?",
    /* The remoteCSE that leads to a CSE: its own, else one that has it as descendant, else one of its service provider (?2). */
    [RES_REMOTE_CSE] =
        "SELECT ri FROM resources WHERE ty = 16 AND (json_extract(a, '$.csi') = ?1 "
        "OR ?1 IN (SELECT value FROM json_each(a, '$.dcse')) OR instr(json_extract(a, '$.csi'), ?2) = 1) "
        "ORDER BY json_extract(a, '$.csi') <> ?1, ?1 NOT IN (SELECT value FROM json_each(a, '$.dcse')), path LIMIT 1",
    [RES_RANGE] = RESOURCE "WHERE path > ? AND path < ? ORDER BY path LIMIT ?",
    [RES_RANGE_TY] = RESOURCE "WHERE ty = ? AND path > ? AND path < ? ORDER BY path LIMIT ?",
    [RES_INACTIVE] = "SELECT path FROM resources "
                     "WHERE ty = 2 AND json_extract(a, '$.regs') = 2 AND path > ? AND path < ? ORDER BY path",
    [RES_CHILDREN] = RESOURCE "WHERE pi = ? LIMIT ?",
    [RES_CHILDREN_NEWEST] = RESOURCE "WHERE pi = ? ORDER BY ct DESC, id DESC",
    [RES_CHILD_LATER] = "SELECT 1 FROM resources WHERE pi = ? AND et > ? LIMIT 1",
    [RES_SUBSCRIPTIONS] = RESOURCE "WHERE pi = ? AND ty = 23 ORDER BY id",
    [RES_SCHEDULES] = RESOURCE "WHERE pi = ? AND ty = 18 ORDER BY id",
    [RES_EXPIRED] = "SELECT ri, et FROM resources WHERE et IS NOT NULL ORDER BY et LIMIT 1",
    [RES_INSERT] = "INSERT INTO resources (id, ri, pi, ty, path, v, ct, lt, et, st, cni, cbs, subs, creator, acpi, a, key) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, ?)",
    [RES_UPDATE] = "UPDATE resources SET v = ?, lt = ?, et = ?, st = ?, acpi = ?, a = ? WHERE id = ?",
    [RES_COUNTERS] = "UPDATE resources SET st = ?, cni = ?, cbs = ?, lt = ? WHERE id = ?",
    [RES_MARK] = "UPDATE resources SET subs = ?, v = ? WHERE id = ?",
    [RES_SET_A] = "UPDATE resources SET a = ? WHERE id = ?",
    [RES_RENUMBER] = "UPDATE resources SET id = ? WHERE id = ?",
    [RES_DELETE] = "DELETE FROM resources WHERE id = ?",
    [RES_DELETE_RANGE] = "DELETE FROM resources WHERE path > ? AND path < ?",

    [INS_BY_ID] = INSTANCE "WHERE id = ?",
    [INS_BY_NAME] = INSTANCE "WHERE parent = ? AND rn = ?",
    [INS_BY_TIME] = "SELECT 1 FROM instances WHERE parent = ? AND dgt = ?",
    [INS_NEWEST] = INSTANCE "WHERE parent = ? ORDER BY seq DESC",
    [INS_OLDEST] = INSTANCE "WHERE parent = ? ORDER BY seq",
    [INS_RANGE] = INSTANCE "WHERE parent = ? AND seq > ? ORDER BY seq LIMIT ?",
    [INS_LATER] = "SELECT 1 FROM instances WHERE et IS NOT NULL AND et > ? AND parent = ? LIMIT 1",
    [INS_EXPIRED] = INSTANCE "WHERE et IS NOT NULL AND et <= ? ORDER BY et LIMIT 1",
    [INS_INSERT] = "INSERT INTO instances (" INSTANCE_COLUMNS ", dgt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INS_EVICT] = "DELETE FROM instances WHERE id = (SELECT id FROM instances WHERE parent = ? ORDER BY seq LIMIT 1) "
                  "RETURNING id, parent, seq, ty, ct, et, cs, rn, labeled, CASE labeled WHEN 1 THEN a END",
    [INS_PURGE] = "DELETE FROM instances WHERE id IN (SELECT id FROM instances WHERE parent = ? ORDER BY seq LIMIT ?) "
                  "RETURNING id, parent, seq, ty, ct, et, cs, rn, labeled, CASE labeled WHEN 1 THEN a END",
    [INS_DELETE] = "DELETE FROM instances WHERE id = ?",
    [INS_SET_A] = "UPDATE instances SET a = ? WHERE id = ?",

    [LABEL_RANGE] = "SELECT path, seq, id FROM labels WHERE label = ? AND (path, seq) > (?, ?) AND path < ? "
                    "ORDER BY label, path, seq LIMIT ?",
    [LABEL_INSERT] = "INSERT INTO labels (label, path, seq, id) VALUES (?, ?, ?, ?) "
                     "ON CONFLICT (label, path, seq) DO UPDATE SET id = excluded.id",
    [LABEL_DELETE] = "DELETE FROM labels WHERE label = ? AND path = ? AND seq = ? AND id = ?",

    [TAKEN_NEXT] = "SELECT number FROM taken WHERE number >= ? ORDER BY number LIMIT 1",
    [TAKEN_INSERT] = "INSERT INTO taken (number, count) VALUES (?, 1) ON CONFLICT (number) DO UPDATE SET count = count + 1",
    [TAKEN_RELEASE] = "UPDATE taken SET count = count - 1 WHERE number = ?",
    [TAKEN_FORGET] = "DELETE FROM taken WHERE number = ? AND count <= 0",
    [TAKEN_DELETE] = "DELETE FROM taken WHERE number <= ?",
    [META_GET] = "SELECT value FROM meta WHERE name = ?",
    [META_SET] = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",

    [OUTBOX_RANGE] = "SELECT seq, key, text FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?",
    [OUTBOX_LENGTH] = "SELECT COUNT(*), MAX(seq) FROM outbox",
    [OUTBOX_INSERT] = "INSERT INTO outbox (seq, key, text) VALUES (?, ?, ?)",
    [OUTBOX_DELETE] = "DELETE FROM outbox WHERE seq <= ?",

    [ANSWER_RECENT] = "SELECT at, text FROM answers ORDER BY seq DESC",
    [ANSWER_OLDEST] = "SELECT seq, at FROM answers ORDER BY seq LIMIT 1",
    [ANSWER_INSERT] = "INSERT INTO answers (seq, at, text) VALUES (?, ?, ?)",
    [ANSWER_DELETE] = "DELETE FROM answers WHERE seq = ?",

    [GARBAGE_FIRST] = "SELECT parent, path FROM garbage ORDER BY parent LIMIT 1",
    [GARBAGE_PATH] = "SELECT path FROM garbage WHERE parent = ?",
    [GARBAGE_INSERT] = "INSERT INTO garbage (parent, path) VALUES (?, ?)",
    [GARBAGE_DELETE] = "DELETE FROM garbage WHERE parent = ?",

    [PEND_INSERT] = "INSERT INTO pending (seq, lane, sub, at, n) VALUES (?, ?, ?, ?, ?)",
    [PEND_COUNT] = "SELECT COUNT(*) FROM pending WHERE lane = ?",
    [PEND_TRIM] = "DELETE FROM pending WHERE seq IN (SELECT seq FROM pending WHERE lane = ? ORDER BY seq LIMIT ?)",
    [PEND_UPTO] = "DELETE FROM pending WHERE lane = ? AND seq <= ?",
    [PEND_LANES] = "DELETE FROM pending WHERE lane >= ? AND lane < ?",
    [PEND_LIST] = "SELECT seq, at, n FROM pending WHERE lane = ? ORDER BY seq LIMIT ?",
    [PEND_SUMMARY] = "SELECT lane, MIN(sub), COUNT(*), MIN(at) FROM pending WHERE lane > ? GROUP BY lane ORDER BY lane LIMIT ?",

    [KEPT_SET] = "INSERT INTO kept (ri, name, text) VALUES (?, ?, ?) ON CONFLICT (ri, name) DO UPDATE SET text = excluded.text",
    [KEPT_UNSET] = "DELETE FROM kept WHERE ri = ? AND name = ?",
    [KEPT_LIST] = "SELECT ri, text FROM kept WHERE ri > ? AND name = ? ORDER BY ri LIMIT ?",
    [KEPT_FORGET] = "DELETE FROM kept WHERE ri = ?",
};
