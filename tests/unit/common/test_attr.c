/*
 * Representations against the attribute tables: a walk over every attribute of every type, which reads the expected
 * answer off the table, and cases for what the columns do not say.
 */
#include "attr.h"
#include "json.h"
#include "mem.h"

#include <check.h>
#include <stdio.h>

/* Values that at least one of fits, and one that never does, per kind. */
static const struct {
    int kind;
    const char *right[3], *wrong;
} samples[] = {
    {STRING,          {"\"Nx\"", "\"text/plain:0\"", "\"\""},          "5"                  },
    {ID,              {"\"Cae\"", NULL, NULL},                         "\"a b\""            },
    {URI,             {"\"/id-in/x\"", NULL, NULL},                    "\"\""               },
    {NCNAME,          {"\"lbl\"", NULL, NULL},                         "\"1x\""             },
    {BOOL,            {"true", NULL, NULL},                            "\"true\""           },
    {UINT,            {"0", NULL, NULL},                               "-1"                 },
    {POSINT,          {"1", NULL, NULL},                               "0"                  },
    {TIMESTAMP,       {"\"20261121T080102\"", NULL, NULL},             "\"20261321T080102\""},
    {ABSREL,          {"\"-500\"", NULL, NULL},                        "500"                },
    {DURATION,        {"\"PT10S\"", NULL, NULL},                       "\"10S\""            },
    {INT,             {"-1", NULL, NULL},                              "0.5"                },
    {FLOAT,           {"0.5", NULL, NULL},                             "\"1\""              },
    {BASE64,          {"\"QUI=\"", NULL, NULL},                        "\"QUI\""            },
    {SCHEDULE,        {"\"* * * * * * *\"", NULL, NULL},               "\"* * *\""          },
    {MASK,            {"63", NULL, NULL},                              "64"                 },
    {ENUM,            {NULL, NULL, NULL},                              "9999"               },
    {EVENTCAT,        {"4", NULL, NULL},                               "5"                  },
    {ANY,             {"\"x\"", NULL, NULL},                           "null"               },
    {LIST | STRING,   {"[\"json\"]", "[\"http://host\"]", "[\"2a\"]"}, "[1]"                },
    {LIST | ID,       {"[\"acp1\"]", NULL, NULL},                      "\"acp1\""           },
    {LIST | URI,      {"[\"/id-in/x\"]", NULL, NULL},                  "[\"\"]"             },
    {LIST | NCNAME,   {"[\"or\"]", NULL, NULL},                        "[\"1x\"]"           },
    {LIST | ENUM,     {NULL, NULL, NULL},                              "[9999]"             },
    {LIST | UINT,     {"[0]", NULL, NULL},                             "[-1]"               },
    {LIST | INT,      {"[1]", NULL, NULL},                             "[0.5]"              },
    {LIST | BOOL,     {"[true]", NULL, NULL},                          "[1]"                },
    {LIST | EVENTCAT, {"[4]", NULL, NULL},                             "[5]"                },
    {LIST | ABSREL,   {"[\"500\"]", NULL, NULL},                       "[500]"              },
    {LIST | DURATION, {"[\"PT10S\"]", NULL, NULL},                     "[\"10S\"]"          },
    {LIST | SCHEDULE, {"[\"* * * * * * *\"]", NULL, NULL},             "[\"* * *\"]"        },
    {LIST | BASE64,   {"[\"QUI=\"]", NULL, NULL},                      "[\"QUI\"]"          },
};

/* Where neither the kind nor mandatory members are enough. */
static const struct {
    const char *name, *right;
} special[] = {
    {"imsi", "\"262019876543210\""                           },
    {"icid", "\"8949020000001234567\""                       },
    {"pvs",  "{\"acr\":[{\"acor\":[\"all\"],\"acop\":63}]}"  },
    {"loc",  "{\"typ\":1,\"crd\":[52.5,13.4]}"               },
    {"conr", "{\"urir\":[{\"nm\":\"x\",\"uri\":\"y\"}]}"     },
    {"bn",   "{\"num\":2}"                                   },
    {"nar",  "{\"num\":2}"                                   },
    {"encs", "{\"enc\":[{\"net\":[1]}]}"                     },
    {"cmlk", "[{\"val\":\"x\",\"nm\":\"link\",\"typ\":1013}]"},
    {"pc",   "{\"m2m:cnt\":{}}"                              },
    {"lqet", "[1,2]"                                         },
    {"lset", "[1,2]"                                         },
    {"loet", "[-1,-1]"                                       },
    {"lrp",  "[1,-1]"                                        },
    {"aa",   "[]"                                            },
    {"rgt",  "1"                                             },
};

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    ck_assert_msg(value != NULL, "%s", text);
    return value;
}

static json_t *right_value(const struct attr *attr);

/* The mandatory members of a complex type. The caller owns it. */
static json_t *right_object(const struct attr *members)
{
    json_t *object = json_object();

    for (; members->name; members++)
        if (members->create == M)
            json_object_set_new(object, members->name, right_value(members));
    return object;
}

/* Of the row's kind alone. NULL: none of the samples fits. */
static json_t *right_sample(const struct attr *attr)
{
    char why[256];

    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        for (int j = 0; samples[i].kind == attr->kind && j < 3 && samples[i].right[j]; j++) {
            json_t *value = parse(samples[i].right[j]);

            if (attr_value_ok(attr, value, why, sizeof why))
                return value;
            json_decref(value);
        }
    }
    return NULL;
}

/* A value that the row accepts. The caller owns it. */
static json_t *right_value(const struct attr *attr)
{
    struct attr element = *attr;

    if (strcmp(attr->name, "cr") == 0)
        return json_null();
    for (size_t i = 0; i < ARRAY_LEN(special); i++)
        if (strcmp(special[i].name, attr->name) == 0)
            return parse(special[i].right);
    if (attr->kind == OBJECT)
        return right_object(attr->detail);
    if (attr->kind == ENUM)
        return json_integer(*(const int *)attr->detail);
    if (attr->kind == (LIST | OBJECT) || attr->kind == (LIST | ENUM)) {
        element.kind &= ~LIST;
        return json_pack("[o]", right_value(&element));
    }
    return right_sample(attr);
}

/* The mandatory attributes of a CREATE. */
static json_t *least(const struct rtype *type)
{
    json_t *object = json_object();

    for (const struct attr *attr = type->attrs; attr->name; attr++)
        if (attr->create == M)
            json_object_set_new(object, attr->name, right_value(attr));
    return object;
}

static bool create_ok(const struct rtype *type, json_t *object, char why[256])
{
    return attr_check_create(type, object, why, 256) == RSC_OK;
}

/* One attribute set to `value` (taken) beside the mandatory ones. */
static bool create_with(const struct rtype *type, const char *name, json_t *value, char why[256])
{
    json_auto_t *object = least(type);

    json_object_set_new(object, name, value);
    return create_ok(type, object, why);
}

static bool update_with(const struct rtype *type, const char *name, json_t *value, char why[256])
{
    json_auto_t *object = json_object();

    json_object_set_new(object, name, value);
    return attr_check_update(type, object, why, 256) == RSC_OK;
}

static void walk_create(const struct rtype *type, const struct attr *attr, json_t *value)
{
    char why[256] = "", expected[256];
    bool ok = create_with(type, attr->name, json_incref(value), why);

    ck_assert_msg(ok == (attr->create != NP), "%s.%s in CREATE: %s", type->key, attr->name, why);
    snprintf(expected, sizeof expected, "%s: not permitted in CREATE", attr->name);
    ck_assert_msg(ok || strcmp(why, expected) == 0, "%s.%s: %s", type->key, attr->name, why);
    ck_assert_msg(create_with(type, attr->name, json_null(), why) == (strcmp(attr->name, "cr") == 0), "%s.%s null in CREATE",
                  type->key, attr->name);
    if (attr->create == M) {
        json_auto_t *object = least(type);

        json_object_del(object, attr->name);
        ck_assert_msg(!create_ok(type, object, why), "%s without %s", type->key, attr->name);
        snprintf(expected, sizeof expected, "%s: mandatory, missing", attr->name);
        ck_assert_str_eq(why, expected);
    }
}

static void walk_update(const struct rtype *type, const struct attr *attr, json_t *value)
{
    char why[256] = "", expected[256];
    bool ok = update_with(type, attr->name, json_incref(value), why);

    ck_assert_msg(ok == (attr->update != NP), "%s.%s in UPDATE: %s", type->key, attr->name, why);
    snprintf(expected, sizeof expected, "%s: not permitted in UPDATE", attr->name);
    ck_assert_msg(ok || strcmp(why, expected) == 0, "%s.%s: %s", type->key, attr->name, why);
    ok = update_with(type, attr->name, json_null(), why);
    ck_assert_msg(ok == (attr->update != NP && attr->mult == OPT), "%s.%s null in UPDATE: %s", type->key, attr->name, why);
}

/* Values of another kind: an object in a list, and the kind's own wrong sample. */
static void walk_wrong(const struct rtype *type, const struct attr *attr)
{
    char why[256] = "";

    if (attr->create == NP || attr->kind == ANY)
        return;
    ck_assert_msg(!create_with(type, attr->name, json_pack("[{s:i}]", "x", 1), why), "%s.%s: [{}]", type->key, attr->name);
    ck_assert_msg(strncmp(why, attr->name, strlen(attr->name)) == 0, "%s.%s: %s", type->key, attr->name, why);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        if (samples[i].kind == attr->kind)
            ck_assert_msg(!create_with(type, attr->name, parse(samples[i].wrong), why), "%s.%s: %s", type->key, attr->name,
                          samples[i].wrong);
}

static void walk(const struct rtype *type)
{
    char why[256] = "";

    for (const struct attr *attr = type->attrs; attr->name; attr++) {
        json_auto_t *value = right_value(attr);

        ck_assert_msg(value != NULL, "no sample for %s.%s", type->key, attr->name);
        walk_create(type, attr, value);
        walk_update(type, attr, value);
        walk_wrong(type, attr);
        for (const struct attr *other = type->attrs; other < attr; other++)
            ck_assert_msg(strcmp(other->name, attr->name) != 0, "%s.%s twice", type->key, attr->name);
    }
    ck_assert(!create_with(type, "foo", json_true(), why));
    ck_assert_msg(strstr(why, "foo: unknown attribute of ") == why, "%s", why);
    ck_assert(!update_with(type, "foo", json_null(), why));
    ck_assert_int_eq(attr_check_create(type, NULL, why, sizeof why), RSC_BAD_REQUEST);
}

START_TEST(test_walk)
{
    walk(rtype_all()[_i]);
}
END_TEST

START_TEST(test_walk_variant)
{
    walk(rtype_variants()[_i]);
}
END_TEST

static const struct {
    const char *key, *attrs, *why; /* why: NULL if right */
} creates[] = {
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":false,\"srv\":[\"3\"]}",                                                               NULL                                                  },
    {"m2m:ae",   "{\"api\":\"R1\",\"rr\":false}",                                                                               NULL                                                  },
    {"m2m:ae",   "{\"api\":\"r1\",\"rr\":false,\"rn\":\"1a\"}",                                                                 NULL                                                  },
    {"m2m:ae",   "{\"api\":\"0.2.481.1.0001\",\"rr\":false}",                                                                   NULL                                                  },
    {"m2m:ae",   "{\"api\":\"0.2.x\",\"rr\":false}",                                                                            "api: does not begin with N, R or r, and is no OID"   },
    {"m2m:ae",   "{\"api\":\"X1\",\"rr\":false}",                                                                               "api: does not begin with N, R or r, and is no OID"   },
    {"m2m:ae",   "{\"api\":\"\",\"rr\":false}",                                                                                 "api: does not begin with N, R or r, and is no OID"   },
    {"m2m:ae",   "{\"api\":\"N1\"}",                                                                                            "rr: mandatory, missing"                              },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":\"true\"}",                                                                            "rr: not a boolean"                                   },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"rn\":\"a b\"}",                                                                 "rn: not a resource name"                             },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"rn\":\"la\"}",                                                                  "rn: reserved for a virtual resource"                 },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"ri\":\"Cae\"}",                                                                 "ri: not permitted in CREATE"                         },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"srv\":[\"3\",\"6\"]}",                                                          "srv: not a release (1, 2, 2a, 3, 4, 5): \"6\""       },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"poa\":[\"http://h:1/x\",\"mqtt://h\",\"ws://default\"]}",                       NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"poa\":[\"host:80\"]}",                                                          "poa: not an address with a scheme: \"host:80\""      },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"poa\":[\"http://\"]}",                                                          "poa: not an address with a scheme: \"http://\""      },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"poa\":\"http://h\"}",                                                           "poa: not a list"                                     },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"csz\":[\"json\",\"cbor\",\"xml\",\"application/vnd.onem2m-res+json\"]}",        NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"csz\":[\"yaml\"]}",                                                             "csz: not json, cbor, xml or a media type: \"yaml\""  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"csz\":[\"a/b/c\"]}",                                                            "csz: not json, cbor, xml or a media type: \"a/b/c\"" },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"lbl\":[\"a\",\"b:c\"]}",                                                        NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"lbl\":[\"a\",\"\"]}",                                                           "lbl: not a text: \"\""                               },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"lbl\":[\"a\",1]}",                                                              "lbl[1]: not a string"                                },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"lbl\":\"a\"}",                                                                  "lbl: not a list"                                     },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"et\":\"20260230T000000\"}",                                                     "et: not a timestamp (YYYYMMDDThhmmss)"               },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"acpi\":[\"a\",\"\"]}",                                                          "acpi[1]: not an identifier"                          },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"trn\":4294967296}",                                                             "trn: greater than 4294967295"                        },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"regs\":3}",                                                                     "regs: not one of the permitted values"               },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"at\":[\"/other\"],\"aa\":[\"apn\",\"poa\"]}",                                   NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"aa\":[\"lbl\"]}",                                                               "aa[0]: lbl is no attribute to be announced by choice"},
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"aa\":[\"foo\"]}",                                                               "aa[0]: foo is no attribute to be announced by choice"},
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"esi\":{}}",                                                                     "esi.esf: mandatory, missing"                         },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"esi\":{\"esf\":[10],\"escert\":[\"QUI=\"]}}",                                   NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"esi\":{\"esf\":[10],\"escert\":[\"QUI\"]}}",                                    "esi.escert[0]: not base64"                           },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"ape\":{\"ape\":[{\"se\":[{\"sce\":[\"* * *\"]}]}]}}",
     "ape.ape[0].se[0].sce[0]: not a schedule entry of seven fields"                                                                                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"loc\":{\"typ\":1,\"crd\":\"[52.5,13.4]\"}}",                                    NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"loc\":{\"typ\":3,\"crd\":[[[0,0],[0,1],[1,1],[0,0]]]}}",                        NULL                                                  },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"loc\":{\"typ\":3,\"crd\":[[[0,0],[0,1],[1,1],[1,0]]]}}",
     "loc: crd does not fit typ"                                                                                                                                                      },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"loc\":{\"typ\":2,\"crd\":[1,2]}}",                                              "loc: crd does not fit typ"                           },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"loc\":{\"typ\":7,\"crd\":[1,2]}}",                                              "loc.typ: not one of the permitted values"            },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"loc\":{\"typ\":1,\"crd\":\"[[\"}}",                                             "loc.crd: not coordinates"                            },
    {"m2m:ae",   "{\"api\":\"N1\",\"rr\":true,\"caf\xC3\xA9\":1}",                                                              "caf??: unknown attribute of AE"                      },
    {"m2m:cnt",  "{}",                                                                                                          NULL                                                  },
    {"m2m:cnt",  "{\"mni\":0,\"mbs\":5,\"mia\":9,\"cr\":null}",                                                                 NULL                                                  },
    {"m2m:cnt",  "{\"mni\":-1}",                                                                                                "mni: not a non-negative integer"                     },
    {"m2m:cnt",  "{\"mni\":5.0}",                                                                                               "mni: not a non-negative integer"                     },
    {"m2m:cnt",  "{\"mni\":\"5\"}",                                                                                             "mni: not a non-negative integer"                     },
    {"m2m:cnt",  "{\"mni\":null}",                                                                                              "mni: null is not permitted"                          },
    {"m2m:cnt",  "{\"cr\":\"Cae\"}",                                                                                            "cr: only null is permitted, the CSE gives the value" },
    {"m2m:cnt",  "{\"cni\":5}",                                                                                                 "cni: not permitted in CREATE"                        },
    {"m2m:cnt",  "{\"ast\":3}",                                                                                                 "ast: not one of the permitted values"                },
    {"m2m:cin",  "{\"con\":\"\"}",                                                                                              NULL                                                  },
    {"m2m:cin",  "{\"con\":{\"a\":[null]}}",                                                                                    NULL                                                  },
    {"m2m:cin",  "{\"con\":false,\"cnf\":\"application/json:0\"}",                                                              NULL                                                  },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"application/vnd.x+json:2:5\"}",                                                          NULL                                                  },
    {"m2m:cin",  "{\"con\":null}",                                                                                              "con: null is not permitted"                          },
    {"m2m:cin",  "{}",                                                                                                          "con: mandatory, missing"                             },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"text/plain\"}",                                                                          "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"text/plain:3\"}",                                                                        "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"text/plain:0:6\"}",                                                                      "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"text/plain:0:1x\"}",                                                                     "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"text:0\"}",                                                                              "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"/plain:0\"}",                                                                            "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cnf\":\"\"}",                                                                                    "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:cin",  "{\"con\":1,\"cs\":1}",                                                                                        "cs: not permitted in CREATE"                         },
    {"m2m:cin",  "{\"con\":1,\"acpi\":[\"a\"]}",                                                                                "acpi: unknown attribute of contentInstance"          },
    {"m2m:cin",  "{\"con\":1,\"dcnt\":0}",                                                                                      "dcnt: not a positive integer"                        },
    {"m2m:cin",  "{\"con\":1,\"conr\":{\"urir\":[]}}",                                                                          "conr: urir: an empty list"                           },
    {"m2m:cin",  "{\"con\":1,\"conr\":[{\"nm\":\"x\",\"uri\":\"y\"}]}",                                                         NULL                                                  },
    {"m2m:cin",  "{\"con\":1,\"conr\":[]}",                                                                                     "conr: urir: an empty list"                           },
    {"m2m:cin",  "{\"con\":1,\"conr\":[{\"nm\":\"x\"}]}",                                                                       "conr: urir[0].uri: mandatory, missing"               },
    {"m2m:cin",  "{\"con\":1,\"conr\":null}",                                                                                   "conr: not an object"                                 },
    {"m2m:cin",  "{\"con\":1,\"conr\":\"x\"}",                                                                                  "conr: not an object"                                 },
    {"m2m:cb",   "{\"rn\":\"x\"}",                                                                                              "rn: not permitted in CREATE"                         },
    {"m2m:sub",  "{\"nu\":[\"http://h/x?ct=json\",\"/id-in/Cae\",\"Cae\"]}",                                                    NULL                                                  },
    {"m2m:sub",  "{\"nu\":[]}",                                                                                                 "nu: an empty list"                                   },
    {"m2m:sub",  "{\"nu\":\"Cae\"}",                                                                                            "nu: not a list"                                      },
    {"m2m:sub",  "{}",                                                                                                          "nu: mandatory, missing"                              },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"net\":[1,2,3,4,5,6,7,8]}}",                                                        NULL                                                  },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"net\":[]}}",                                                                       "enc.net: an empty list"                              },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"net\":[1,1]}}",                                                                    "enc.net: the same value twice"                       },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"net\":[0]}}",                                                                      "enc.net[0]: not one of the permitted values"         },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"net\":[9]}}",                                                                      "enc.net[0]: not one of the permitted values"         },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"net\":1}}",                                                                        "enc.net: not a list"                                 },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":[]}",                                                                                 "enc: not an object"                                  },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"foo\":1}}",                                                                        "enc.foo: unknown member"                             },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"om\":[{\"ops\":3},{\"or\":\"Cae\"}]}}",                                            NULL                                                  },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"om\":[{}]}}",                                                                      "enc.om: an entry with neither ops nor or"            },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"om\":[{\"ops\":64}]}}",                                                            "enc.om[0].ops: not an integer from 0 to 63"          },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"md\":{\"num\":1}}}",                                                               "enc.md.dur: mandatory, missing"                      },
    {"m2m:sub",
     "{\"nu\":[\"a\"],\"enc\":{\"crb\":\"20261121T080102\",\"sts\":1,\"stb\":0,\"atr\":[\"lbl\"],\"chty\":[3,4],\"fo\":3,"
     "\"md\":{\"num\":1,\"dur\":\"PT1S\"}}}",                                                                                   NULL                                                  },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"enc\":{\"chty\":[33]}}",                                                                    "enc.chty[0]: not one of the permitted values"        },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"bn\":{}}",                                                                                  "bn: neither num nor dur"                             },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"bn\":{\"dur\":\"PT1M\"}}",                                                                  NULL                                                  },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"rl\":{\"mnn\":0,\"tww\":\"PT1M\"}}",                                                        "rl.mnn: not a positive integer"                      },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"exc\":0}",                                                                                  "exc: not a positive integer"                         },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"nct\":6}",                                                                                  "nct: not one of the permitted values"                },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"nec\":99}",                                                                                 "nec: not an event category (2, 3, 4, 100 to 999)"    },
    {"m2m:sub",  "{\"nu\":[\"a\"],\"nsi\":[]}",                                                                                 "nsi: not permitted in CREATE"                        },
    {"m2m:smd",  "{\"dcrp\":1,\"dsp\":\"QUI=\"}",                                                                               "dcrp: not one of the permitted values"               },
    {"m2m:smd",  "{\"dcrp\":4,\"dsp\":\"QUI=\"}",                                                                               NULL                                                  },
    {"m2m:sch",  "{\"se\":{\"sce\":[]}}",                                                                                       "se.sce: an empty list"                               },
    {"m2m:sch",  "{\"se\":{\"sce\":[\"* * * * * * *\"]}}",                                                                      NULL                                                  },
    {"m2m:crs",  "{\"twt\":1,\"tws\":\"PT1M\",\"nu\":[]}",                                                                      "nu: an empty list"                                   },
    {"m2m:crs",  "{\"twt\":1,\"tws\":\"PT1M\",\"nu\":[\"a\"],\"encs\":{}}",                                                     "encs: not one list of criteria"                      },
    {"m2m:crs",  "{\"twt\":1,\"tws\":\"PT1M\",\"nu\":[\"a\"],\"encs\":{\"enc\":[]}}",                                           "encs.enc: an empty list"                             },
    {"m2m:crs",  "{\"twt\":1,\"tws\":\"PT1M\",\"nu\":[\"a\"],\"encs\":{\"encn\":[{\"net\":[1]}]}}",                             NULL                                                  },
    {"m2m:tsi",  "{\"dgt\":\"20260101T000000\",\"con\":{\"a\":1}}",                                                             "con: not a string, number or boolean"                },
    {"m2m:tsi",  "{\"dgt\":\"20260101T000000\",\"con\":21.5}",                                                                  NULL                                                  },
    {"m2m:tsi",  "{\"dgt\":\"20260101T000000\",\"con\":null}",                                                                  "con: not a string, number or boolean"                },
    {"m2m:ts",   "{\"cnf\":\"text\"}",                                                                                          "cnf: not type/subtype:encoding[:security]"           },
    {"m2m:lcp",  "{\"los\":2,\"lou\":[]}",                                                                                      "lou: an empty list"                                  },
    {"m2m:lmg",  "{\"mad\":{\"ip4\":\"10.0.0\"},\"mgft\":\"a\",\"mli\":[\"b\"]}",
     "mad.ip4: not an IPv4 address or network: \"10.0.0\""                                                                                                                            },
    {"m2m:lmg",  "{\"mad\":{\"ip6\":\"ff02::1\"},\"mgft\":\"a\",\"mli\":[\"b\"]}",                                              NULL                                                  },
    {"m2m:tram",
     "{\"rqps\":{\"req\":[{\"op\":1,\"to\":\"a\",\"fr\":\"b\",\"rqi\":\"c\",\"pc\":{\"m2m:cnt\":{},\"m2m:ae\":{}}}]}}",         "rqps.req[0].pc: not an object with one member"       },
    {"m2m:tram", "{\"rqps\":{\"req\":[{\"op\":6,\"to\":\"a\",\"fr\":\"b\",\"rqi\":\"c\"}]}}",
     "rqps.req[0].op: not one of the permitted values"                                                                                                                                },
    {"m2m:actr",
     "{\"evm\":1,\"evc\":{\"optr\":1,\"sbjt\":\"con\",\"thld\":5},\"orc\":\"a\",\"apv\":{\"op\":1,\"to\":\"a\",\"fr\":\"b\"}}", NULL                                                  },
    {"m2m:actr", "{\"evm\":4,\"evc\":{\"optr\":1,\"sbjt\":\"con\",\"thld\":5},\"orc\":\"a\",\"apv\":{\"op\":1,\"to\":\"a\"}}",
     "evm: not one of the permitted values"                                                                                                                                           },
    {"m2m:mgc",  "{\"cmt\":2,\"ext\":\"n1\",\"exra\":{\"rbo\":[{\"any\":[{\"nm\":\"a\",\"val\":1}]}]}}",                        NULL                                                  },
    {"m2m:mgc",  "{\"cmt\":2,\"ext\":\"n1\",\"exra\":{\"rbo\":{}}}",                                                            "exra.rbo: not a list"                                },
    {"m2m:bat",  "{\"mgd\":1006,\"btl\":4294967296,\"bts\":1}",                                                                 "btl: greater than 4294967295"                        },
    {"m2m:bat",  "{\"mgd\":1006,\"btl\":5,\"bts\":8}",                                                                          "bts: not one of the permitted values"                },
    {"m2m:cmp",  "{\"mgd\":1011,\"cpn\":\"p\"}",                                                                                "cmlk: mandatory, missing"                            },
    {"m2m:cmp",  "{\"mgd\":1011,\"cpn\":\"p\",\"cmlk\":{\"val\":\"a\",\"nm\":\"b\",\"typ\":1013}}",                             NULL                                                  },
    {"m2m:cmp",  "{\"mgd\":1011,\"cpn\":\"p\",\"cmlk\":[{\"val\":\"a\",\"nm\":\"b\",\"typ\":1013}]}",                           NULL                                                  },
    {"m2m:cmp",  "{\"mgd\":1011,\"cpn\":\"p\",\"cmlk\":[]}",                                                                    "cmlk: link: an empty list"                           },
    {"m2m:cmp",  "{\"mgd\":1011,\"cpn\":\"p\",\"cmlk\":{\"val\":\"a\",\"nm\":\"b\"}}",                                          "cmlk: typ: mandatory, missing"                       },
    {"m2m:cmbf", "{\"mgd\":1019,\"aec\":[0,2,100],\"mbfs\":1,\"sgp\":1}",                                                       NULL                                                  },
    {"m2m:cmbf", "{\"mgd\":1019,\"aec\":[5],\"mbfs\":1,\"sgp\":1}",                                                             "aec: not an event category (0, 2, 3, 4, 100 to 999)" },
    {"dcfg:sim", "{\"mgd\":1030,\"icid\":\"89490200000012345x\"}",                                                              "icid: not 18 to 20 digits"                           },
    {"dcfg:sim", "{\"mgd\":1030,\"icid\":\"894902000000123456\",\"imsi\":\"12345\"}",                                           "imsi: not 6 to 15 digits"                            },
};

START_TEST(test_create)
{
    const struct rtype *type = rtype_by_key(creates[_i].key);
    json_auto_t *attrs = parse(creates[_i].attrs);
    char why[256] = "";
    enum rsc rsc = attr_check_create(type, attrs, why, sizeof why);

    ck_assert_msg(rsc == (creates[_i].why ? RSC_BAD_REQUEST : RSC_OK), "%s: %s", creates[_i].attrs, why);
    ck_assert_msg(strcmp(why, creates[_i].why ? creates[_i].why : "") == 0, "%s: %s", creates[_i].attrs, why);
}
END_TEST

#define RULE(members) "{\"acr\":[{\"acor\":[\"all\"],\"acop\":63" members "}]}"

static const struct {
    const char *pv, *why;
} policies[] = {
    {"{}",                                                                                                                    NULL                                                                  },
    {"{\"acr\":[]}",                                                                                                          NULL                                                                  },
    {RULE(""),                                                                                                                NULL                                                                  },
    {RULE(",\"acco\":[{\"actw\":[\"* * 8-17 * * 1-5 "
          "*\"],\"acip\":{\"ipv4\":[\"10.0.0.0/8\",\"1.2.3.4\"],\"ipv6\":[\"::1\",\"fe80::/10\"]},"
          "\"aclr\":{\"accc\":[\"KR\"],\"accr\":[52.5,13.4,1000]}}],\"acod\":[{\"ty\":2,\"chty\":[3]}],\"acaf\":false"),
     NULL                                                                                                                                                                                           },
    {RULE(",\"aca\":[\"lbl\"]"),                                                                                              NULL                                                                  },
    {RULE(",\"acco\":[{\"acec\":{\"optr\":1,\"sbjt\":\"x\",\"thld\":3},\"acl\":5,\"acui\":[\"u\"]}]"),                        NULL                                                                  },
    {"[]",                                                                                                                    "pv: not an object"                                                   },
    {"{\"acr\":{}}",                                                                                                          "pv.acr: not a list"                                                  },
    {"{\"acr\":[{\"acop\":1}]}",                                                                                              "pv.acr[0].acor: mandatory, missing"                                  },
    {"{\"acr\":[{\"acor\":[\"a\"]}]}",                                                                                        "pv.acr[0].acop: mandatory, missing"                                  },
    {"{\"acr\":[{\"acor\":[\"\"],\"acop\":1}]}",                                                                              "pv.acr[0].acor: not a text: \"\""                                    },
    {"{\"acr\":[{\"acor\":\"all\",\"acop\":1}]}",                                                                             "pv.acr[0].acor: not a list"                                          },
    {"{\"acr\":[{\"acor\":[\"a\"],\"acop\":64}]}",                                                                            "pv.acr[0].acop: not an integer from 0 to 63"                         },
    {"{\"acr\":[{\"acor\":[\"a\"],\"acop\":-1}]}",                                                                            "pv.acr[0].acop: not an integer from 0 to 63"                         },
    {RULE(",\"acco\":[{\"actw\":[\"* *\"]}]"),                                                                                "pv.acr[0].acco[0].actw[0]: not a schedule entry of seven fields"     },
    {RULE(",\"acco\":[{\"acip\":{\"ipv4\":[\"10.0.0.0/33\"]}}]"),
     "pv.acr[0].acco[0].acip.ipv4: not an IPv4 address or network: \"10.0.0.0/33\""                                                                                                                 },
    {RULE(",\"acco\":[{\"acip\":{\"ipv4\":[\"10.0.0\"]}}]"),
     "pv.acr[0].acco[0].acip.ipv4: not an IPv4 address or network: \"10.0.0\""                                                                                                                      },
    {RULE(",\"acco\":[{\"acip\":{\"ipv4\":[\"10.0.0.1/\"]}}]"),
     "pv.acr[0].acco[0].acip.ipv4: not an IPv4 address or network: \"10.0.0.1/\""                                                                                                                   },
    {RULE(",\"acco\":[{\"acip\":{\"ipv4\":[\"::1\"]}}]"),                                                                     "pv.acr[0].acco[0].acip.ipv4: not an IPv4 address or network: \"::1\""},
    {RULE(",\"acco\":[{\"acip\":{\"ipv6\":[\"::1/129\"]}}]"),
     "pv.acr[0].acco[0].acip.ipv6: not an IPv6 address or network: \"::1/129\""                                                                                                                     },
    {RULE(",\"acco\":[{\"acip\":{\"ipv6\":[\"::1/-1\"]}}]"),
     "pv.acr[0].acco[0].acip.ipv6: not an IPv6 address or network: \"::1/-1\""                                                                                                                      },
    {RULE(",\"acco\":[{\"aclr\":{\"accc\":[\"KOR\"]}}]"),
     "pv.acr[0].acco[0].aclr.accc: not a country code of two letters: \"KOR\""                                                                                                                      },
    {RULE(",\"acco\":[{\"aclr\":{\"accr\":[1,2]}}]"),                                                                         "pv.acr[0].acco[0].aclr.accr: not latitude, longitude and radius"     },
    {RULE(",\"acco\":[{\"aclr\":{\"accr\":[91,2,3]}}]"),                                                                      "pv.acr[0].acco[0].aclr.accr: not latitude, longitude and radius"     },
    {RULE(",\"acco\":[{\"foo\":1}]"),                                                                                         "pv.acr[0].acco[0].foo: unknown member"                               },
    {RULE(",\"acod\":[{\"ty\":2}]"),                                                                                          "pv.acr[0].acod[0].chty: mandatory, missing"                          },
    {RULE(",\"acaf\":1"),                                                                                                     "pv.acr[0].acaf: not a boolean"                                       },
};

START_TEST(test_policy)
{
    const struct rtype *type = rtype_by_ty(1);
    json_auto_t *attrs = least(type);
    char why[256] = "";

    json_object_set_new(attrs, "pv", parse(policies[_i].pv));
    ck_assert_msg(create_ok(type, attrs, why) == !policies[_i].why, "%s: %s", policies[_i].pv, why);
    ck_assert_msg(strcmp(why, policies[_i].why ? policies[_i].why : "") == 0, "%s: %s", policies[_i].pv, why);
    json_object_set_new(attrs, "pvs", json_pack("{s:[]}", "acr"));
    json_object_set_new(attrs, "pv", json_object());
    ck_assert(!create_ok(type, attrs, why));
    ck_assert_str_eq(why, "pvs: no access control rule");
}
END_TEST

static const struct {
    const char *key, *attrs, *why;
} updates[] = {
    {"m2m:cnt", "{}",                                                    NULL                                 },
    {"m2m:cnt", "{\"mni\":null,\"lbl\":null,\"et\":null,\"acpi\":null}", NULL                                 },
    {"m2m:cnt", "{\"mni\":-1}",                                          "mni: not a non-negative integer"    },
    {"m2m:cnt", "{\"cr\":null}",                                         "cr: not permitted in UPDATE"        },
    {"m2m:cnt", "{\"rn\":\"x\"}",                                        "rn: not permitted in UPDATE"        },
    {"m2m:cnt", "{\"foo\":null}",                                        "foo: unknown attribute of container"},
    {"m2m:ae",  "{\"rr\":null}",                                         "rr: mandatory, cannot be deleted"   },
    {"m2m:ae",  "{\"api\":\"N2\"}",                                      "api: not permitted in UPDATE"       },
    {"m2m:sub", "{\"nu\":null}",                                         "nu: mandatory, cannot be deleted"   },
    {"m2m:sub", "{\"nct\":null}",                                        "nct: mandatory, cannot be deleted"  },
    {"m2m:sub", "{\"enc\":null,\"nu\":[\"a\"]}",                         NULL                                 },
    {"m2m:acp", "{\"pv\":null}",                                         "pv: mandatory, cannot be deleted"   },
    {"m2m:cin", "{\"lbl\":[\"a\"]}",                                     "lbl: not permitted in UPDATE"       },
};

START_TEST(test_update)
{
    const struct rtype *type = rtype_by_key(updates[_i].key);
    json_auto_t *attrs = parse(updates[_i].attrs);
    char why[256] = "";
    enum rsc rsc = attr_check_update(type, attrs, why, sizeof why);

    ck_assert_msg(rsc == (updates[_i].why ? RSC_BAD_REQUEST : RSC_OK), "%s: %s", updates[_i].attrs, why);
    ck_assert_msg(strcmp(why, updates[_i].why ? updates[_i].why : "") == 0, "%s: %s", updates[_i].attrs, why);
}
END_TEST

static const struct {
    const char *fc, *why;
} filters[] = {
    {"{}",                                                                                                                      NULL                                    },
    {"{\"fu\":1,\"ty\":[2,3],\"lbl\":[\"a\"],\"lim\":0,\"lvl\":1,\"ofst\":1,\"fo\":2,\"arp\":\"la\",\"cty\":[\"text/plain\"]}",
     NULL                                                                                                                                                               },
    {"{\"atr\":[{\"nm\":\"rn\",\"val\":\"a*\"}],\"catr\":[{\"nm\":\"mni\",\"val\":5}]}",                                        NULL                                    },
    {"{\"gmty\":1,\"geom\":\"[1,2]\",\"gsf\":1}",                                                                               NULL                                    },
    {"{\"geom\":null}",                                                                                                         "geom: not coordinates"                 },
    {"{\"fu\":4}",                                                                                                              "fu: not one of the permitted values"   },
    {"{\"ty\":[99]}",                                                                                                           "ty[0]: not one of the permitted values"},
    {"{\"lvl\":0}",                                                                                                             "lvl: not a positive integer"           },
    {"{\"crb\":\"yesterday\"}",                                                                                                 "crb: not a timestamp (YYYYMMDDThhmmss)"},
    {"{\"atr\":[{\"nm\":\"rn\"}]}",                                                                                             "atr[0].val: mandatory, missing"        },
    {"{\"foo\":1}",                                                                                                             "foo: unknown member"                   },
};

START_TEST(test_filter)
{
    json_auto_t *fc = parse(filters[_i].fc);
    char why[256] = "";
    bool ok = attr_object_ok(filter_criteria, fc, why, sizeof why);

    ck_assert_msg(ok == !filters[_i].why, "%s: %s", filters[_i].fc, why);
    ck_assert_msg(strcmp(why, filters[_i].why ? filters[_i].why : "") == 0, "%s: %s", filters[_i].fc, why);
}
END_TEST

/* A small buffer cuts the message, nothing else. */
START_TEST(test_short_why)
{
    char why[8] = "";
    json_auto_t *attrs = parse("{\"mni\":-1}");

    ck_assert_int_eq(attr_check_create(rtype_by_ty(3), attrs, why, sizeof why), RSC_BAD_REQUEST);
    ck_assert_str_eq(why, "mni: no");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("attr");
    TCase *tests = tcase_create("attr");
    SRunner *runner = srunner_create(suite);
    int failed, count = 0, variants = 0;

    while (rtype_all()[count])
        count++;
    while (rtype_variants()[variants])
        variants++;
    tcase_add_loop_test(tests, test_walk, 0, count);
    tcase_add_loop_test(tests, test_walk_variant, 0, variants);
    tcase_add_loop_test(tests, test_create, 0, ARRAY_LEN(creates));
    tcase_add_loop_test(tests, test_policy, 0, ARRAY_LEN(policies));
    tcase_add_loop_test(tests, test_update, 0, ARRAY_LEN(updates));
    tcase_add_loop_test(tests, test_filter, 0, ARRAY_LEN(filters));
    tcase_add_test(tests, test_short_why);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
