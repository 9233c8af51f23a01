/* flexContainers with their history, and time series. */
#include "fixture.h"
#include "flexcontainer.h"

#define FLEX "'op':1,'to':'cse-in/ae','fr':'Cae','ty':28"
#define CND "'cnd':'org.onem2m.common.moduleclass.temperature'"
#define CHANGE(name) "'op':3,'to':'cse-in/ae/" name "','fr':'Cae'"
#define SERIES "'op':1,'to':'cse-in/ae','fr':'Cae','ty':29"
#define ADD "'op':1,'to':'cse-in/ae/t','fr':'Cae','ty':30"

static const struct fixture_case cases[] = {
    {"flexContainer",                 FLEX,                                     "{'cod:tempe':{'rn':'f'," CND ",'curT0':21.5,'unit':3}}",
     "COMMIT 2001|'op':'create'|'path':'cse-in/ae/f'|'cs':5|'curT0':21.5,'unit':3|'key':'cod:tempe'|!'instance'"                                                                                                                    },
    {"its size in bytes",             FLEX,                                     "{'cod:texMe':{'cnd':'org.onem2m.common.moduleclass.textMessage','texMe':'ä€'}}", "'cs':5"                                                       },
    {"with its history",              FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'fcied':true,'mni':3,'mbs':10,'lbl':['x']}}",
     "'instance':{'ty':58,'cs':4,'a':{|'curT0':21.5|'lbl':['x']|'org':'Cae'|'mni':3,'mbs':10}|!'a':{'cnd'"                                                                                                                          },
    {"whose instances end",           FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'fcied':true,'mia':60}}",                        "'et':1767225660000"                                           },
    {"before the flexContainer",      FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'fcied':true,'mia':60,'et':'20260101T000030'}}",
     "'instance'|!'et':17"                                                                                                                                                                                                          },
    {"a history that does not begin", FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'fcied':false,'mni':3}}",
     "COMMIT 2001|!'instance'"                                                                                                                                                                                                      },
    {"unknown cnd",                   FLEX,                                     "{'cod:tempe':{'cnd':'org.example.x','curT0':1}}",
     "ANSWER 4125 cnd: not that of cod:tempe (org.onem2m.common"                                                                                                                                                                    },
    {"generic: any cnd",              FLEX,                                     "{'m2m:gis':{'cnd':'org.example.x','gisn':'x'}}",                                    "COMMIT 2001|'key':'m2m:gis'"                                  },
    {"generic: but no other's",       FLEX,                                     "{'m2m:gis':{" CND ",'gisn':'x'}}",                                                  "ANSWER 4125 cnd: not that of m2m:gis"                         },
    {"generic: no history",           FLEX,                                     "{'m2m:gis':{'cnd':'x','gisn':'x','fcied':true}}",
     "ANSWER 4000 fcied: there are no instances of a m2m:gis"                                                                                                                                                                       },
    {"mbs below the size",            FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'fcied':true,'mbs':3}}",
     "ANSWER 4000 mbs: 3, but the custom attributes have 4 bytes"                                                                                                                                                                   },
    {"limit without history",         FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'mia':3}}",                                      "ANSWER 4000 mia: only with fcied"                             },
    {"limit 0",                       FLEX,                                     "{'cod:tempe':{" CND ",'curT0':21.5,'fcied':true,'mni':0}}",                         "ANSWER 4000 mni: 0, no instance"                              },
    {"an instance by request",        "'op':1,'to':'fcnt2','fr':'Cae','ty':58", "{'cod:tempeInst':{}}",                                                              "ANSWER 4005"                                                  },

    {"change",                        CHANGE("f"),                              "{'cod:tempe':{'curT0':22.25}}",                                                     "COMMIT 2004|'set':{'curT0':22.25,'cs':7}|!'instance'|!'purge'"},
    {"change that removes",           CHANGE("f"),                              "{'cod:tempe':{'tarTe':null}}",                                                      "'set':{'cs':4},'del':['tarTe']"                               },
    {"change of the same size",       CHANGE("f"),                              "{'cod:tempe':{'curT0':22.5}}",                                                      "'set':{'curT0':22.5}"                                         },
    {"change with history",           CHANGE("g"),                              "{'cod:tempe':{'curT0':22.25}}",
     "'instance':{'ty':58,'cs':5,'a':{'curT0':22.25,'org':'Cae'},'mni':5,'mbs':9,'et':1767225660000}"                                                                                                                               },
    {"any change counts",             CHANGE("g"),                              "{'cod:tempe':{'lbl':['y']}}",
     "'set':{'lbl':['y']}|'a':{'curT0':21.5,'lbl':['y'],'org':'Cae'}"                                                                                                                                                               },
    {"history begins",                CHANGE("f"),                              "{'cod:tempe':{'fcied':true}}",                                                      "'instance':{'ty':58,'cs':6,|'lbl':['x']|!'purge'"             },
    {"history pauses",                CHANGE("g"),                              "{'cod:tempe':{'fcied':false}}",                                                     "COMMIT|!'instance'|!'purge'"                                  },
    {"history ends, limits stay",     CHANGE("g"),                              "{'cod:tempe':{'fcied':null}}",                                                      "ANSWER 4000 mni: only with fcied"                             },
    {"history ends",                  CHANGE("g"),                              "{'cod:tempe':{'fcied':null,'mni':null,'mbs':null,'mia':null}}",                     "'purge':true|!'instance'"                                     },
    {"too large for mbs",             CHANGE("g"),                              "{'cod:tempe':{'curT0':1234567.25}}",                                                "ANSWER 4000 mbs: 9, but"                                      },
    {"cnd",                           CHANGE("f"),                              "{'cod:tempe':{" CND "}}",                                                           "ANSWER 4000 cnd: not permitted in UPDATE"                     },
    {"another's key",                 CHANGE("f"),                              "{'cod:bat':{'lvl':1}}",                                                             "ANSWER 4000 pc: not an object with one member cod:tempe"      },
    {"specialization that is gone",   CHANGE("gone"),                           "{'m2m:fcnt':{'lbl':['x']}}",
     "'instance':{'ty':58,'cs':4,'a':{'pow':true,'lbl':['x']"                                                                                                                                                                       },
    {"latest",                        "'op':2,'to':'fcnt2/la','fr':'Cae'",      NULL,                                                                                "GET 2000|target=fcnt2/la"                                     },
    {"latest without history",        "'op':2,'to':'fcnt1/la','fr':'Cae'",      NULL,                                                                                "ANSWER 4004 to: fcnt1 has no la"                              },
    {"attribute of the latest",       "'op':2,'to':'fcnt2/la','fr':'Cae'",      "{'m2m:atrl':['curT0','org']}",
     "GET 2000|attributes=['curT0','org']"                                                                                                                                                                                          },
    {"no attribute of it",            "'op':2,'to':'fcnt2/la','fr':'Cae'",      "{'m2m:atrl':['cnd']}",
     "ANSWER 4000 cnd is no attribute of cod:tempeInst"                                                                                                                                                                             },

    {"timeSeries",                    SERIES,                                   "{'m2m:ts':{}}",                                                                     "COMMIT 2001|'mdd':false|'mdc':0|!'peid'"                      },
    {"tolerance chosen",              SERIES,                                   "{'m2m:ts':{'pei':1000}}",                                                           "'pei':1000,'peid':100"                                        },
    {"below mdt",                     SERIES,                                   "{'m2m:ts':{'pei':1000,'mdt':50,'mdd':true}}",                                       "'peid':49"                                                    },
    {"tolerance given",               SERIES,                                   "{'m2m:ts':{'pei':1000,'peid':500}}",                                                "'peid':500"                                                   },
    {"too much of it",                SERIES,                                   "{'m2m:ts':{'pei':1000,'peid':501}}",                                                "ANSWER 4000 peid: 501 is more than half of pei, 1000"         },
    {"detection without mdt",         SERIES,                                   "{'m2m:ts':{'mdd':true}}",                                                           "ANSWER 4000 mdd: missing data are not detected without mdt"   },
    {"mdt below peid",                SERIES,                                   "{'m2m:ts':{'pei':1000,'peid':100,'mdt':100,'mdd':true}}",
     "ANSWER 4000 mdt: 100 is not more than peid, 100"                                                                                                                                                                              },
    {"detection begins",              CHANGE("t"),                              "{'m2m:ts':{'mdd':true}}",                                                           "'set':{'mdd':true,'mdc':0},'del':['mdlt']"                    },
    {"detection goes on",             CHANGE("busy"),                           "{'m2m:ts':{'mdd':true}}",                                                           "'set':{'mdd':true},'del':[]"                                  },
    {"detection ends",                CHANGE("busy"),                           "{'m2m:ts':{'mdd':false}}",                                                          "'set':{'mdd':false},'del':[]"                                 },
    {"mdd with others",               CHANGE("t"),                              "{'m2m:ts':{'mdd':true,'mdn':3}}",                                                   "ANSWER 4000 mdn: not in one UPDATE with mdd"                  },
    {"mdd removed with others",       CHANGE("busy"),                           "{'m2m:ts':{'mdd':null,'pei':null}}",
     "ANSWER 4000 pei: not in one UPDATE with mdd"                                                                                                                                                                                  },
    {"change under detection",        CHANGE("busy"),                           "{'m2m:ts':{'mdt':500}}",                                                            "ANSWER 4000 mdt: cannot change while mdd is true"             },
    {"change of something else",      CHANGE("busy"),                           "{'m2m:ts':{'mni':5}}",                                                              "COMMIT 2004"                                                  },
    {"interval too short",            CHANGE("t"),                              "{'m2m:ts':{'pei':199}}",                                                            "ANSWER 4000 peid: 100 is more than half of pei, 199"          },
    {"tolerance removed",             CHANGE("t"),                              "{'m2m:ts':{'peid':null,'pei':500}}",                                                "'set':{'pei':500,'peid':50},'del':[]"                         },
    {"interval removed",              CHANGE("t"),                              "{'m2m:ts':{'pei':null,'peid':null}}",                                               "'del':['pei','peid']"                                         },

    {"instance",                      ADD,                                      "{'m2m:tsi':{'dgt':'20260101T000000,000001','con':1.50,'snr':1}}",
     "APPEND 2001|size=4|given={'dgt':'20260101T000000,000001','con':1.50,'snr':1} "
     "dgt=1767225600000001|limits={'mni':5,'mbs':8}|et=20260101T000100"                                                                                                                                                             },
    {"relative time",                 ADD,                                      "{'m2m:tsi':{'dgt':'-1500','con':1}}",
     "given={'dgt':'20251231T235958,500','con':1} dgt=1767225598500000"                                                                                                                                                             },
    {"no time",                       ADD,                                      "{'m2m:tsi':{'con':1}}",                                                             "ANSWER 4000 dgt: mandatory"                                   },
    {"bad time",                      ADD,                                      "{'m2m:tsi':{'dgt':'now','con':1}}",                                                 "ANSWER 4000 dgt"                                              },
    {"content with structure",        ADD,                                      "{'m2m:tsi':{'dgt':'0','con':{}}}",                                                  "ANSWER 4000 con: not a string, number or boolean"             },
    {"too large",                     ADD,                                      "{'m2m:tsi':{'dgt':'0','con':'123456789'}}",                                         "ANSWER 5207 con: 9 bytes, but the mbs of ts1 is 8"            },
    {"of another type",               ADD,                                      "{'m2m:cin':{'dgt':'0','con':1}}",                                                   "ANSWER 4000 pc"                                               },
    {"unknown attribute",             ADD,                                      "{'m2m:tsi':{'dgt':'0','con':1,'cnf':'x'}}",
     "ANSWER 4000 cnf: unknown attribute of timeSeriesInstance"                                                                                                                                                                     },
    {"below a container",             "'op':1,'to':'cnt1','fr':'Cae','ty':30",  "{'m2m:tsi':{'dgt':'0','con':1}}",                                                   "ANSWER 4108"                                                  },
    {"time of a contentInstance",     "'op':1,'to':'cnt1','fr':'Cae','ty':4",   "{'m2m:cin':{'dgt':'-5','con':1}}",
     "given={'dgt':'-5','con':1}|!dgt=1"                                                                                                                                                                                            },
};

START_TEST(test_flex)
{
    static bool loaded;

    if (!loaded)
        flexcontainer_start();
    loaded = true;
    fixture_end(); /* the types are known only now */
    fixture_begin();
    fixture_run(&cases[_i]);
}
END_TEST

int main(void)
{
    return fixture_main("plan_flex", test_flex, ARRAY_LEN(cases));
}
