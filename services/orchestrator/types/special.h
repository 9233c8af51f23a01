/* The functions that types/table.c puts in its rows. */
#ifndef TESSERA_SPECIAL_H
#define TESSERA_SPECIAL_H

#include "plan.h"

typedef enum rsc type_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a);
typedef enum rsc type_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del);
typedef enum rsc type_step(const struct request *req, struct snapshot *snap, struct plan *plan);

type_create ae_create;
type_create csr_create;
type_create acp_create;
type_update acp_update;
type_update cnt_update;
type_step cnt_virtual; /* RETRIEVE and DELETE */
type_step cin_visible; /* RETRIEVE and DELETE */
/* svsn.c: may an AE with these attributes, called `stem`, register at the CSE `where`? */
enum rsc check_subscription(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *a,
                            const char *where, const char *stem);
type_create aea_create; /* aea.c: <AEAnnc> of AEs that the service provider gives the ids of */
/* Such an AE registers at the IN-CSE itself: its <AEAnnc> goes, if it is not registered elsewhere (else 4117). As a step. */
enum rsc aea_leave(const struct request *req, struct snapshot *snap, struct plan *plan, const char *stem, json_t *a);
type_update aea_update;
type_step nod_notify; /* nod.c: by the CSE itself: who lived there is gone */
type_step cb_notify;  /* alst.c: by the CSE itself or the IN-CSE: an AE has moved */
/* nod.c: the node of an AE or remoteCSE */
enum rsc resident_create(struct snapshot *snap, struct plan *plan, const json_t *a);
type_update resident_update;
type_step resident_remove;
type_create nod_create;
type_update nod_update;
type_step nod_remove;
type_create mgc_create;
type_update mgc_update;
type_update exin_update;
type_create mgo_create;
type_update mgo_update;
type_create fcnt_create;
type_update fcnt_update;
type_create ts_create;
type_update ts_update;
type_create grp_create;
type_update grp_update;
type_step grp_notify;
type_create lcp_create;
type_update lcp_update;
type_step lcp_remove;
/* A content for a container of positions: what it means for a geofence goes into plan->then. */
enum rsc lcp_position(struct snapshot *snap, struct plan *plan, struct slice con);
type_create smd_create; /* <ontology>, too */
type_update smd_update;
type_step smv_validate; /* UPDATE of <semanticValidation> */
type_create smjp_create;
type_update smjp_update;
type_create smi_create;
type_update smi_update;
type_step smi_remove;
type_step msp_retrieve; /* RETRIEVE of <mashup> */
type_create sub_create;
type_update sub_update;

type_create crs_create;
type_update crs_update;
type_step crs_remove, crs_notify;
type_step ntsr_step; /* DELETE of a subscription's or crossResourceSubscription's ntsr */

type_create prp_create;
type_update prp_update;
type_step prp_remove;
/* An AE or remoteCSE registers as `ri` at the target: it is marked if a primitiveProfile names it. */
enum rsc prp_registered(struct snapshot *snap, struct plan *plan, const char *ri);

type_create tram_create, trac_create;
type_update tram_update, trac_update;
type_step tram_remove, trac_remove;
type_step tram_notify, trac_notify; /* by the CSE itself */

type_create pch_create;
type_step pch_uri; /* whatever is done to pollingChannelURI */
type_create sch_create;
type_update sch_update;
type_create dlv_create;
type_create stcl_create;
type_update stcl_update;
type_create evcg_create;
type_update evcg_update;
type_update mms_update;
type_create tsb_create;
type_update tsb_update;
type_update prmr_update;
type_create stte_create;
type_update stte_update;
type_step stte_remove;
type_create actr_create;
type_update actr_update;
type_create depr_create;
type_update depr_update;

type_create tk_create;
type_update tk_update;
type_update auds_update, aupy_update, auif_update;
type_step cb_trigger; /* NOTIFY of the CSEBase: a trigger of the underlying network */
type_create tgr_create;
type_update tgr_update;
type_step tgr_remove;
type_create bdt_create;
type_update bdt_update;

type_step req_execute; /* NOTIFY by the CSE itself */
type_step req_remove;

#endif
