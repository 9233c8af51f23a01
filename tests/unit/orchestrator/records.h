/* A small CSE as storage would tell it; ' stands for ". */
#ifndef TESSERA_TEST_RECORDS_H
#define TESSERA_TEST_RECORDS_H

/* Without what does not matter: `v` is 1. */
static const char *const fixture_records[] = {
    "{'ri':'id-in','pi':'','ty':5,'path':'cse-in','a':{'rn':'cse-in','ty':5,'ri':'id-in','pi':''}}",
    "{'ri':'Cae','pi':'id-in','ty':2,'path':'cse-in/ae','by':'Cae','a':{'rn':'ae','ri':'Cae','aei':'Cae','et':'20270101T000000',"
    "'ct':'20250601T000000','lt':'20250602T000000','lbl':['room:1','big'],'rr':true,'poa':['http://127.0.0.1:9/ae']}}",
    "{'ri':'Cother','pi':'id-in','ty':2,'path':'cse-in/other','by':'Cother','a':{'ri':'Cother','acpi':['acp2'],'rr':true,"
    "'poa':['http://127.0.0.1:9/o'],'csz':['json']}}",
    "{'ri':'Cmute','pi':'id-in','ty':2,'path':'cse-in/mute','by':'Cmute','a':{'ri':'Cmute','acpi':['acp2'],'rr':false,"
    "'poa':['http://127.0.0.1:9/m']}}",
    "{'ri':'Sdev','pi':'id-in','ty':2,'path':'cse-in/dev','by':'Sdev','a':{'ri':'Sdev','rr':true}}",
    "{'ri':'acp1','pi':'Cae','ty':1,'path':'cse-in/ae/acp1','by':'Cae','a':{'pv':{'acr':[{'acor':['Cother'],'acop':34},"
    "{'acor':['Sdev'],'acop':1,'acod':[{'chty':[4]}]}]},'pvs':{'acr':[{'acor':['Cae'],'acop':63}]}}}",
    "{'ri':'acp2','pi':'id-in','ty':1,'path':'cse-in/acp2','a':{'pv':{'acr':[{'acor':['all'],'acop':18}]},'pvs':{'acr':[{'acor':"
    "['CAdmin'],'acop':63}]}}}",
    "{'ri':'cnt1','pi':'Cae','ty':3,'path':'cse-in/ae/c','by':'Cae','a':{'rn':'c','ri':'cnt1','pi':'Cae','et':'20260601T000000',"
    "'ct':'20250601T000000','lt':'20250701T000000','st':5,'lbl':['room:1'],'mni':10}}",
    "{'ri':'cnt2','pi':'Cae','ty':3,'path':'cse-in/ae/shared','by':'Cae','a':{'ri':'cnt2','acpi':['cse-in/ae/acp1']}}",
    "{'ri':'cnt3','pi':'Cae','ty':3,'path':'cse-in/ae/lim','by':'Cae','a':{'ri':'cnt3','mni':3,'mbs':10,'mia':60}}",
    "{'ri':'cnt4','pi':'Cae','ty':3,'path':'cse-in/ae/none','by':'Cae','a':{'ri':'cnt4','mni':0}}",
    "{'ri':'cnt5','pi':'Cae','ty':3,'path':'cse-in/ae/hid','by':'Cae','a':{'ri':'cnt5','disr':true}}",
    "{'ri':'cnt6','pi':'Cae','ty':3,'path':'cse-in/ae/lost','by':'Cae','a':{'ri':'cnt6','acpi':['gone']}}",
    "{'ri':'cnt7','pi':'Cae','ty':3,'path':'cse-in/ae/kept','by':'Cae','a':{'ri':'cnt7','cstn':'Sdev'}}",
    "{'ri':'cnt8','pi':'Cae','ty':3,'path':'cse-in/ae/zero','by':'Cae','a':{'ri':'cnt8','mbs':0}}",
    "{'ri':'cin1','pi':'cnt1','ty':4,'path':'cse-in/ae/c/"
    "one','a':{'rn':'one','ri':'cin1','pi':'cnt1','ct':'20251201T000000','st':5,"
    "'cs':4,'cnf':'text/plain:0','con':'21.5'}}",
    "{'ri':'cin2','pi':'cnt5','ty':4,'path':'cse-in/ae/hid/cin2','a':{'ri':'cin2','con':1}}",
    "{'ri':'cin3','pi':'cnt2','ty':4,'path':'cse-in/ae/shared/cin3','a':{'ri':'cin3','con':1}}",
    "{'ri':'sub1','pi':'cnt1','ty':23,'path':'cse-in/ae/c/s','by':'Cae','a':{'rn':'s','ri':'sub1','pi':'cnt1','nu':['Cae'],"
    "'enc':{'net':[3]}}}",
    "{'ri':'nod1','pi':'id-in','ty':14,'path':'cse-in/node','by':'Cae','a':{'rn':'node','ri':'nod1','ni':'n1'}}",
    "{'ri':'evl1','pi':'nod1','ty':13,'path':'cse-in/node/log','by':'Cae','a':{'ri':'evl1','mgd':1010,'lgt':1,'lga':false}}",
    "{'ri':'bat1','pi':'nod1','ty':13,'path':'cse-in/node/bat','by':'Cae','a':{'ri':'bat1','mgd':1006,'btl':5,'bts':1}}",
    "{'ri':'req1','pi':'id-in','ty':17,'path':'cse-in/req1','by':'Cae','a':{'ri':'req1','op':2,'tg':'cse-in/ae/c','org':'Cae',"
    "'rid':'7','mi':{'rvi':'3'},'rs':3,'ors':{'rsc':1000,'rqi':'7'}}}",
    "{'ri':'req2','pi':'id-in','ty':17,'path':'cse-in/req2','by':'Cae','a':{'ri':'req2','mi':{'oet':'20260101T000005'},'rs':3}}",
    "{'ri':'req3','pi':'id-in','ty':17,'path':'cse-in/req3','by':'Cae','a':{'ri':'req3','mi':{},'rs':1,'ors':{'rsc':2000}}}",
    "{'ri':'ts1','pi':'Cae','ty':29,'path':'cse-in/ae/"
    "t','by':'Cae','a':{'ri':'ts1','pei':1000,'peid':100,'mdt':400,'mdc':2,'mdlt':['x'],"
    "'mdd':false,'mni':5,'mbs':8,'mia':60}}",
    "{'ri':'ts2','pi':'Cae','ty':29,'path':'cse-in/ae/"
    "busy','by':'Cae','a':{'ri':'ts2','pei':1000,'peid':100,'mdt':400,'mdd':true,"
    "'mdc':0}}",
    "{'ri':'fcnt1','pi':'Cae','ty':28,'path':'cse-in/ae/f','by':'Cae','key':'cod:tempe','a':{'ri':'fcnt1','cnd':"
    "'org.onem2m.common.moduleclass.temperature','curT0':21.5,'tarTe':20,'cs':6,'lbl':['x'],'et':'20270101T000000'}}",
    "{'ri':'fcnt2','pi':'Cae','ty':28,'path':'cse-in/ae/g','by':'Cae','key':'cod:tempe','a':{'ri':'fcnt2','cnd':"
    "'org.onem2m.common.moduleclass.temperature','curT0':21.5,'cs':4,'fcied':true,'mni':5,'mbs':9,'mia':60,'et':'20270101T000000'"
    "}}",
    "{'ri':'fcnt3','pi':'Cae','ty':28,'path':'cse-in/ae/"
    "gone','by':'Cae','key':'ex:lamp','a':{'ri':'fcnt3','cnd':'org.example.lamp',"
    "'pow':true,'cs':4,'fcied':true}}",
    /* groups */
    "{'ri':'grp1','pi':'Cae','ty':9,'path':'cse-in/ae/grp','by':'Cae','a':{'ri':'grp1','mt':3,'csy':1,'mnm':4,'cnm':2,'mtv':true,"
    "'mid':['cse-in/ae/c','cnt2']}}",
    "{'ri':'grp2','pi':'Cae','ty':9,'path':'cse-in/ae/gm','by':'Cae','a':{'ri':'grp2','mt':0,'csy':1,'mnm':4,'cnm':1,'mtv':true,"
    "'macp':['acp1'],'mid':['cse-in/ae/c']}}",
    "{'ri':'grp3','pi':'Cae','ty':9,'path':'cse-in/ae/ge','by':'Cae','a':{'ri':'grp3','mt':0,'csy':1,'mnm':4,'cnm':0,'mtv':true,"
    "'mid':[]}}",
    "{'ri':'grp4','pi':'Cae','ty':9,'path':'cse-in/ae/gr','by':'Cae','a':{'ri':'grp4','mt':3,'csy':1,'mnm':4,'cnm':2,'mtv':false,"
    "'nar':{'num':2},'mid':['/mn/cse-mn/x','cnt1']}}",
    "{'ri':'grp5','pi':'Cae','ty':9,'path':'cse-in/ae/gg','by':'Cae','a':{'ri':'grp5','mt':0,'csy':1,'mnm':4,'cnm':2,'mtv':true,"
    "'mid':['grp1/fopt','cnt1']}}",
    "{'ri':'grp6','pi':'Cae','ty':9,'path':'cse-in/ae/gx','by':'Cae','a':{'ri':'grp6','mt':3,'csy':2,'mnm':4,'cnm':1,'mtv':false,"
    "'mid':['/mn/cse-mn/ae']}}",
    "{'ri':'id-mn','pi':'id-in','ty':16,'path':'cse-in/id-mn','by':'/id-mn','a':{'ri':'id-mn','csi':'/id-mn','dcse':['/id-asn'],"
    "'rr':true,'poa':['http://mn:1'],'csz':['application/cbor'],'srv':['2a','3']}}",
    "{'ri':'id-old','pi':'id-in','ty':16,'path':'cse-in/id-old','by':'/id-old','a':{'ri':'id-old','csi':'/id-old','rr':true,"
    "'poa':['http://old:1'],'srv':['1']}}",
    "{'ri':'id-dumb','pi':'id-in','ty':16,'path':'cse-in/id-dumb','by':'/id-dumb','a':{'ri':'id-dumb','csi':'/"
    "id-dumb','rr':false}}",
    "{'ri':'csr1','pi':'id-in','ty':16,'path':'cse-in/csr1','by':'//other.example/id-x','a':{'ri':'csr1','csi':'//other.example/"
    "id-x',"
    "'rr':true,'poa':['http://x:1']}}",
    "{'ri':'id-reg','pi':'id-in','ty':16,'path':'cse-in/id-reg','by':'/id-in','a':{'ri':'id-reg','csi':'/id-reg','rr':true,"
    "'poa':['http://reg:1']}}",
};

#endif
