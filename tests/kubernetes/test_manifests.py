"""The manifests of docs/kubernetes, without a cluster: their types, what refers to what, and that each program takes what it is given."""

import base64
import copy
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from manifests import NAMESPACES, PROGRAMS, ROOT, WORKLOADS, Environment, certificates, containers, fleet, known_settings, matches, ports, run_alive, run_broker, schema_mistakes
from manifests import copy as copy_checkout

ENVIRONMENTS = ("development", "production", "everything")
ALONE = {"storage", "statistics", "mosquitto"}  # one instance, whatever happens


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkout")
    copy_checkout(root)
    everything = root / "docs/kubernetes/overlays/everything"  # all components at once, the optional ones, too
    everything.mkdir()
    text = (everything.parent / "production/kustomization.yaml").read_text()
    (everything / "kustomization.yaml").write_text(text.replace("components:\n", "components:\n  - ../../components/network\n"))
    environments = root / "services/environments"
    (environments / "everything.env").write_text((environments / "production.env").read_text() + "TESSERA_IMAGE=registry.example:5000/some/tessera\nTESSERA_VERSION=9.8.7\n")
    return root


@pytest.fixture(scope="module")
def all_built(checkout):
    built = {}
    for name in ENVIRONMENTS:
        state = checkout / "var" / name
        if name != "development":
            certificates(checkout, state)
        if name == "everything":
            (state / "network.credentials").write_text("name:password")
        subprocess.run([checkout / "docs/kubernetes/prepare", name], check=True, capture_output=True)
        built[name] = Environment(checkout, name)
    return built


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def env(request, all_built):
    return all_built[request.param]


# ---- types


def test_every_manifest_is_of_its_type(env):
    assert schema_mistakes(env.all) == ""


def test_a_mistake_would_be_found(all_built):
    mistakes = {"readynessProbe": {}, "image": 5, "command": "tessera-http"}
    wrong = []
    for field, value in mistakes.items():
        wrong.append(copy.deepcopy(all_built["development"].one("Deployment", "http")))
        wrong[-1]["metadata"]["name"] = field.lower()
        wrong[-1]["spec"]["template"]["spec"]["containers"][0][field] = value
    found = schema_mistakes(wrong)
    assert all(field in found for field in mistakes) and len(found.splitlines()) == len(mistakes), found


# ---- the same services everywhere


def test_every_service_of_the_supervisor_has_a_workload(all_built):
    assert set(all_built["everything"].services()) == fleet()
    assert set(all_built["development"].services()) == set(all_built["production"].services()) == fleet() - {"network"}


def test_compose_has_the_same_services_and_images(all_built):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    only_there = {"provide", "balancer", "prometheus", "grafana"}  # secrets are made by `prepare`, Services balance, monitoring is the cluster's own
    assert {name for name in compose if not re.search(r"-(more|\d)$", name)} - only_there == set(all_built["everything"].pods())
    for component in ("broker", "mosquitto"):
        assert {c["image"] for c in containers(all_built["production"].pods()[component])} == {compose[component]["image"]}


def test_programs_are_those_of_their_component(env):
    for component, template in env.services().items():
        (container,) = template["spec"]["containers"]
        assert container["args"] == [component] and "command" not in container and (PROGRAMS / "bin" / f"tessera-{component}").exists()


# ---- settings


def test_every_setting_is_known_to_a_program(env):
    programs = {c: known_settings(f"tessera-{c}") for c in env.services()}
    everybody = set().union(*programs.values())
    for component, template in env.services().items():
        (container,) = template["spec"]["containers"]
        own = {e["name"] for e in container["env"] if e["name"].startswith("TESSERA_")}
        assert own <= set(programs[component]), (component, own - set(programs[component]))
        assert {k for k in env.settings(container) if k.startswith("TESSERA_")} <= everybody


# Ports of the containers, and the settings that they are.
LISTENING = {
    "http": {"http": "HTTP", "https": "HTTP_TLS"},
    "websocket": {"ws": "WEBSOCKET", "wss": "WEBSOCKET_TLS"},
    "coap": {"coap": "COAP", "coap-tcp": "COAP_TCP", "coaps": "COAP_DTLS", "coaps-tcp": "COAP_TLS"},
    "network": {"reports": "NETWORK_CALLBACK"},
}


def test_ports_are_those_that_the_programs_listen_on(env):
    for component, template in env.services().items():
        settings = {**known_settings(f"tessera-{component}"), **env.settings(template["spec"]["containers"][0])}
        listening = {"management": "MANAGEMENT", **LISTENING.get(component, {})}
        wanted = {name: int(settings[f"TESSERA_{variable}_PORT"]) for name, variable in listening.items()}
        assert {name: p["containerPort"] for name, p in ports(template).items()} == {name: port for name, port in wanted.items() if port}, component


def files_of(env, template, container):
    """What the container finds in the volumes made of Secrets and ConfigMaps: {folder: {name: bytes}}."""
    volumes = {v["name"]: v for v in template["spec"]["volumes"]}
    folders = {}
    for mount in container["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        if "secret" in volume:
            data = {k: base64.b64decode(v) for k, v in env.one("Secret", volume["secret"]["secretName"])["data"].items()}
            items = volume["secret"].get("items") or [{"key": k, "path": k} for k in data]
            folders[mount["mountPath"]] = {i["path"]: data[i["key"]] for i in items}
        if "configMap" in volume:
            folders[mount["mountPath"]] = {k: v.encode() for k, v in env.one("ConfigMap", volume["configMap"]["name"])["data"].items()}
    return folders


@pytest.mark.skipif(not NAMESPACES, reason="no namespaces can be made here")
@pytest.mark.parametrize("name", ["development", "everything"])
def test_every_program_takes_its_settings_and_lives_without_a_broker(all_built, name):
    env = all_built[name]
    for component, template in env.services().items():
        (container,) = template["spec"]["containers"]
        said = run_alive(files_of(env, template, container), {k: v for k, v in env.settings(container).items() if v}, container["args"])
        assert '{"status":"ok"}' in said and "health: 503" in said and f'"service":"{component}.some-pod-0"' in said, (component, said)


@pytest.mark.skipif(not NAMESPACES, reason="no namespaces can be made here")
@pytest.mark.parametrize("name", ["development", "production"])
def test_the_nodes_of_the_broker_find_each_other(all_built, name):
    env = all_built[name]
    template = env.pods()["broker"]
    (container,), (cookie,) = template["spec"]["containers"], template["spec"]["initContainers"]
    nodes = env.one("StatefulSet", "broker")["spec"]["replicas"]
    status = run_broker(nodes, files_of(env, template, container), env.settings(container), cookie["command"])
    assert sorted(status["running_nodes"]) == [f"tessera@broker-{i}.broker-nodes" for i in range(nodes)]
    assert not status["alarms"] and not status["partitions"]


# ---- what refers to what


def test_selectors_select(env):
    for d in env.of(*WORKLOADS):
        assert matches(d["spec"]["selector"], d["spec"]["template"]["metadata"]["labels"])
        assert len(env.selected(d["spec"]["selector"])) == 1, d["metadata"]["name"]
    for d in env.of("Service"):
        chosen = env.selected({"matchLabels": d["spec"]["selector"]})
        assert len(chosen) == 1, d["metadata"]["name"]
        (template,) = chosen.values()
        for port in d["spec"]["ports"]:
            target = ports(template)[port["targetPort"]]
            assert target.get("protocol", "TCP") == port.get("protocol", "TCP")
    for d in env.of("PodDisruptionBudget"):
        assert len(env.selected(d["spec"]["selector"])) == 1 and d["spec"]["maxUnavailable"] == 1
    for d in env.of("StatefulSet"):
        assert env.one("Service", d["spec"]["serviceName"])


def test_who_may_have_several_instances_has_a_budget(env):
    budgets = {c for d in env.of("PodDisruptionBudget") for c in env.selected(d["spec"]["selector"])}
    assert budgets == set(env.pods()) - ALONE


def test_policies_name_pods_and_ports_that_are_there(env):
    for d in env.of("NetworkPolicy"):
        chosen = env.selected(d["spec"]["podSelector"])
        assert chosen, d["metadata"]["name"]
        for direction, peer in (("ingress", "from"), ("egress", "to")):
            for rule in d["spec"].get(direction, []):
                others = [env.selected(p["podSelector"]) for p in rule.get(peer, []) if "podSelector" in p]
                assert all(others), d["metadata"]["name"]
                reached = chosen if direction == "ingress" else {k: t for o in others for k, t in o.items()}
                for port in rule.get("ports", []):
                    if isinstance(port["port"], str):
                        assert any(p["name"] == port["port"] and p.get("protocol", "TCP") == port["protocol"] for t in reached.values() for p in ports(t).values()), (d["metadata"]["name"], port)


def reach(env, source, target, port):
    """Do the policies let `source` (a component) open a connection to this port of `target`? None as source: somebody outside."""

    def allowed(side, own, other):
        direction, peer = ("Egress", "to") if side == "egress" else ("Ingress", "from")
        applies = [d for d in env.of("NetworkPolicy") if direction in d["spec"]["policyTypes"] and matches(d["spec"]["podSelector"], env.pods()[own]["metadata"]["labels"])]
        for rule in (r for d in applies for r in d["spec"].get(side, [])):
            who = peer not in rule or (other and any("podSelector" in p and matches(p["podSelector"], env.pods()[other]["metadata"]["labels"]) for p in rule[peer]))
            if who and any(p["port"] == port for p in rule.get("ports", [{"port": port}])):
                return True
        return not applies

    return (source is None or allowed("egress", source, target)) and allowed("ingress", target, source)


def test_field_bus_and_store_are_apart(env):
    services = env.services()
    assert all(reach(env, c, "broker", "amqp") for c in services)
    assert not reach(env, None, "broker", "amqp") and not reach(env, "mosquitto", "broker", "amqp")
    assert [c for c in env.pods() if reach(env, c, "broker", "nodes")] == ["broker"]
    assert reach(env, "mqtt", "mosquitto", "mqtt") and not reach(env, "storage", "http", "management")
    for target in set(env.pods()) - {"http", "coap", "websocket", "mosquitto", "network"}:
        assert not any(reach(env, None, target, name) for name in ports(env.pods()[target])), target
    for name, target in {"https": "http", "wss": "websocket", "coaps": "coap", "coaps-tcp": "coap", "mqtts": "mosquitto"}.items():
        assert reach(env, None, target, name) == (env.name != "development")
    assert not reach(env, None, "http", "http") and not reach(env, None, "mosquitto", "mqtt")


def test_what_is_referred_to_exists(env):
    for component, template in env.pods().items():
        volumes = {v["name"]: v for v in template["spec"]["volumes"]}
        if component in ("storage", "statistics", "broker", "mosquitto"):
            volumes["data"] = {}
        for volume in volumes.values():
            for kind, key in (("Secret", "secretName"), ("ConfigMap", "name")):
                source = volume.get("secret" if kind == "Secret" else "configMap")
                if source:
                    data = env.one(kind, source[key])["data"]
                    assert {i["key"] for i in source.get("items", [])} <= set(data), (component, source)
        for container in containers(template):
            assert {m["name"] for m in container["volumeMounts"]} <= set(volumes), component
            env.settings(container)
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe in container:
                    (how,) = (v for k, v in container[probe].items() if k in ("httpGet", "tcpSocket"))
                    assert how["port"] in ports(template), (component, probe)
    for d in env.of("ScaledObject"):
        target = env.one(d["spec"]["scaleTargetRef"]["kind"], d["spec"]["scaleTargetRef"]["name"])
        assert "replicas" not in target["spec"], "the number is KEDA's"
        for trigger in d["spec"]["triggers"]:
            authentication = env.one("TriggerAuthentication", trigger["authenticationRef"]["name"])
            for reference in authentication["spec"]["secretTargetRef"]:
                assert reference["key"] in env.one("Secret", reference["name"])["data"]


def test_a_service_is_given_its_own_password_only(env):
    for component, template in env.services().items():
        (volume,) = (v for v in template["spec"]["volumes"] if v["name"] == "secrets")
        assert volume["secret"]["items"] == [{"key": f"{component}.password", "path": "bus.password"}]


def test_queries_of_the_scaler_name_metrics_and_queues_that_exist(all_built):
    sources = "".join(p.read_text() for p in (*ROOT.glob("common/*.c"), *ROOT.glob("services/*/*.c")))
    for d in all_built["production"].of("ScaledObject"):
        query = d["spec"]["triggers"][0]["metadata"]["query"]
        for metric in re.findall(r"(tessera_\w+?)(?:_bucket)?\{", query):
            assert f'"{metric}"' in sources
        for queue in re.findall(r'queue="(\w+)"', query):
            assert re.search(rf'BUS_REQUESTS, *"{queue}"', sources)
        assert re.search(r'namespace="([\w-]+)"', query)[1] == d["metadata"]["namespace"]


# ---- what an operator can rely on


def test_nothing_runs_with_more_rights_than_it_needs(env):
    for component, template in env.pods().items():
        spec = template["spec"]
        assert spec["enableServiceLinks"] is False and spec["automountServiceAccountToken"] is False, component
        assert spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] > 0, component
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, component
        assert not any(spec.get(k) for k in ("hostNetwork", "hostPID", "hostIPC")) and not any("hostPath" in v for v in spec["volumes"])
        for container in containers(template):
            assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, component
            assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"], component


def test_images_are_pinned_and_ours_is_this_version(env):
    version = re.search(r'TESSERA_VERSION "(.*)"', (ROOT / "common/version.h").read_text())[1]
    ours = "registry.example:5000/some/tessera:9.8.7" if env.name == "everything" else f"tessera:{version}"
    for template in env.pods().values():
        for container in containers(template):
            assert re.search(r":\d+\.\d+\.\d+$", container["image"]), container["image"]
    assert {c["image"] for t in env.services().values() for c in containers(t)} == {ours}


def test_services_are_ended_when_they_hang_and_asked_when_they_are_wanted(env):
    for template in env.services().values():
        (container,) = template["spec"]["containers"]
        assert [container[f"{p}Probe"]["httpGet"]["path"] for p in ("startup", "liveness", "readiness")] == ["/live", "/live", "/health"]
        settings = {**known_settings("tessera-" + container["args"][0]), **env.settings(container)}
        assert (int(settings["TESSERA_SERVICE_DRAIN"]) + int(settings["TESSERA_SERVICE_LINGER"])) / 1000 + 5 < template["spec"]["terminationGracePeriodSeconds"]


def test_rollouts_keep_what_serves(env):
    for d in env.of("Deployment"):
        assert d["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    for d in env.of("StatefulSet"):
        if d["metadata"]["name"] in ALONE:
            assert d["spec"]["replicas"] == 1
        if d["spec"].get("volumeClaimTemplates"):
            assert d["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert not env.of("Namespace", "PersistentVolumeClaim"), "what is deleted with it would take the data along"


def test_everything_is_in_the_namespace_of_the_environment(env, all_built):
    assert {d["metadata"].get("namespace") for d in env.all} == {"tessera-" + env.name.replace("everything", "production")}


def test_production_has_no_way_in_without_tls(all_built):
    env = all_built["production"]
    settings = next(d for d in env.of("ConfigMap") if d["metadata"]["name"].startswith("settings"))["data"]
    assert not [k for k in settings if k.endswith("_INSECURE")] and settings["TESSERA_TLS_CLIENTS"] == "required"
    assert {p["name"] for d in env.of("Service") if d["spec"].get("type") == "LoadBalancer" for p in d["spec"]["ports"]} == {"https", "wss", "coaps", "coaps-tcp", "mqtts"}
    assert not [d for d in all_built["development"].of("Service") if d["spec"].get("type", "ClusterIP") != "ClusterIP"]
    replicas = {d["metadata"]["name"]: d["spec"].get("replicas", 2) for d in env.of(*WORKLOADS)}
    assert {n for n, r in replicas.items() if r == 1} == ALONE and replicas["broker"] == 3


def test_production_without_certificates_is_refused(checkout, tmp_path):
    refused = subprocess.run([checkout / "docs/kubernetes/prepare", "production", tmp_path / "state"], capture_output=True, text=True)
    assert refused.returncode == 78 and "tls.crt is missing" in refused.stderr
    subprocess.run([checkout / "docs/kubernetes/prepare", "production"], check=True, capture_output=True)


def test_git_has_no_secret():
    listed = subprocess.run(["git", "-C", ROOT, "check-ignore", "docs/kubernetes/overlays/production/generated/x"], capture_output=True, text=True)
    assert listed.returncode == 0
    for file in Path(ROOT / "docs/kubernetes").rglob("*.yaml"):
        if "generated" not in file.parts:
            assert not [d for d in yaml.safe_load_all(file.read_text()) if d and d["kind"] == "Secret"], file
