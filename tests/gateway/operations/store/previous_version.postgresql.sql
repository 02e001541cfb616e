--
-- PostgreSQL database dump
--

\restrict 0PFjGPBGVRD5wa3ZV1dG9lwHuqCBttJoaej42gvfhXtoxyxA25ETW1pEHvyAYGK

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: operation_outputs; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.operation_outputs (
    workflow_uuid text NOT NULL,
    function_id integer NOT NULL,
    function_name text DEFAULT ''::text NOT NULL,
    output text,
    error text,
    child_workflow_id text,
    started_at_epoch_ms bigint,
    completed_at_epoch_ms bigint,
    serialization text,
    application_name text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);


--
-- Name: workflow_input; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_input (
    workflow_uuid text NOT NULL,
    inputs text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);


--
-- Name: workflow_output; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_output (
    workflow_uuid text NOT NULL,
    output text,
    error text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);


--
-- Name: workflow_status; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_status (
    workflow_uuid text NOT NULL,
    status text,
    name text,
    authenticated_user text,
    assumed_role text,
    authenticated_roles text,
    request text,
    output text,
    error text,
    executor_id text,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    updated_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_version text,
    application_id text,
    class_name character varying(255) DEFAULT NULL::character varying,
    config_name character varying(255) DEFAULT NULL::character varying,
    recovery_attempts bigint DEFAULT 0,
    queue_name text,
    workflow_timeout_ms bigint,
    workflow_deadline_epoch_ms bigint,
    inputs text,
    started_at_epoch_ms bigint,
    deduplication_id text,
    priority integer DEFAULT 0 NOT NULL,
    queue_partition_key text,
    forked_from text,
    owner_xid text,
    parent_workflow_id text,
    serialization text,
    delay_until_epoch_ms bigint,
    was_forked_from boolean DEFAULT false NOT NULL,
    rate_limited boolean DEFAULT false NOT NULL,
    completed_at bigint,
    attributes jsonb,
    schedule_name text,
    debounce_deadline_epoch_ms bigint,
    is_debounced boolean DEFAULT false NOT NULL,
    application_name text,
    creator_xid text
);


--
-- Data for Name: operation_outputs; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119', 1, 'check', '{"at":1796058232.4098794,"announcement":{"number":1,"correlation_id":"b854ce8d-b60d-46e5-ae5d-9961670f65ed","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4098911},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232401, 1796058232410, 'portable_json', 'upgrade-gateway', 1796058232414);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-9c53e69ff84e9bb6fa0f3adb6f464990', 1, 'check', '{"at":1796058232.4107082,"announcement":null,"reference":null,"facts":{"quantity":0,"known_ids":[],"is_listed":false},"refusal":{"code":"NOT_ELIGIBLE","message":"No path.","field":null},"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232405, 1796058232410, 'portable_json', 'upgrade-gateway', 1796058232411);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119', 2, 'send', '{"outcome":"ACCEPTED","at":1796058232.4206343,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-0","body":"{\"sourceSubscriptionId\":\"subscription-0\",\"targetSubscriptionId\":\"target-of-subscription-0\",\"upgradeType\":\"upgrade_only\"}"}', NULL, NULL, 1796058232417, 1796058232420, 'portable_json', 'upgrade-gateway', 1796058232421);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4', 1, 'check', '{"at":1796058232.413412,"announcement":{"number":1,"correlation_id":"65a36511-a6ba-485e-9028-e7a0c6ea71d7","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.413421},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232409, 1796058232413, 'portable_json', 'upgrade-gateway', 1796058232423);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-2408bd9da7989111a292b9309926428a', 1, 'check', '{"at":1796058232.4290762,"announcement":{"number":1,"correlation_id":"9878dc00-f0e8-45d7-bf71-788fabfb3692","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4290848},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232423, 1796058232429, 'portable_json', 'upgrade-gateway', 1796058232430);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab', 1, 'check', '{"at":1796058232.4336414,"announcement":{"number":1,"correlation_id":"7b488e84-7940-4b14-94c4-076ef9af09b4","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4336483},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232416, 1796058232433, 'portable_json', 'upgrade-gateway', 1796058232434);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-2408bd9da7989111a292b9309926428a', 2, 'send', '{"outcome":"THROTTLED","at":1796058232.4356582,"trouble":{"message":"Too many requests.","passes":true,"needs_caller":false,"retry_after_s":3600.0,"status":429,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058232432, 1796058232435, 'portable_json', 'upgrade-gateway', 1796058232436);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4', 2, 'send', '{"outcome":"UNANSWERED","at":1796058232.4292428,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058232426, 1796058232429, 'portable_json', 'upgrade-gateway', 1796058232438);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-018a5ab7152cc4db5d8802984bb1ab24', 1, 'check', '{"at":1796058232.4406374,"announcement":null,"reference":null,"facts":{"quantity":0,"known_ids":[],"is_listed":false},"refusal":null,"body":null,"trouble":{"message":"the caller''s token is not kept","passes":true,"needs_caller":true,"retry_after_s":null,"status":null,"code":null},"is_cancelled":false}', NULL, NULL, 1796058232428, 1796058232440, 'portable_json', 'upgrade-gateway', 1796058232441);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-018a5ab7152cc4db5d8802984bb1ab24', 2, 'wait', '{"reason":"waits for its caller, whose token is not kept, to call again","until":null}', NULL, NULL, 1796058232442, 1796058232444, 'portable_json', 'upgrade-gateway', 1796058232445);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4', 3, 'look', '{"at":1796058232.444249,"verdict":"UNCLEAR","trouble":null,"reference":null,"body":null}', NULL, NULL, 1796058232440, 1796058232444, 'portable_json', 'upgrade-gateway', 1796058232445);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-2408bd9da7989111a292b9309926428a', 3, 'wait', '{"reason":"Too many requests.","until":1796061832.4356582}', NULL, NULL, 1796058232437, 1796058232444, 'portable_json', 'upgrade-gateway', 1796058232446);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab', 2, 'send', '{"outcome":"UNANSWERED","at":1796058232.437215,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058232435, 1796058232437, 'portable_json', 'upgrade-gateway', 1796058232438);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab', 3, 'look', '{"at":1796058232.4496694,"verdict":"UNCLEAR","trouble":null,"reference":null,"body":null}', NULL, NULL, 1796058232448, 1796058232449, 'portable_json', 'upgrade-gateway', 1796058232450);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-3312a7d061bac1908006fbb8af911625', 1, 'check', '{"at":1796058232.4551141,"announcement":{"number":1,"correlation_id":"0d15c0c1-6814-448a-a3ea-57c14bd9b274","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4551198},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232441, 1796058232455, 'portable_json', 'upgrade-gateway', 1796058232455);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-15bec2dc9f352bf71b7d29dcd1d70c6f', 1, 'check', '{"at":1796058232.4592154,"announcement":{"number":1,"correlation_id":"39076496-6d4b-4ea1-9d9d-ce989d01311a","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4592214},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232457, 1796058232459, 'portable_json', 'upgrade-gateway', 1796058232460);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 1, 'check', '{"at":1796058232.454936,"announcement":{"number":1,"correlation_id":"a6f9eb60-da35-4a1f-8a93-fcf797a7bd9d","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4549434},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232452, 1796058232455, 'portable_json', 'upgrade-gateway', 1796058232460);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-15bec2dc9f352bf71b7d29dcd1d70c6f', 2, 'send', '{"outcome":"ACCEPTED","at":1796058232.4620788,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"99999999-0000-4000-8000-000000000001","body":null}', NULL, NULL, 1796058232460, 1796058232462, 'portable_json', 'upgrade-gateway', 1796058232462);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-15bec2dc9f352bf71b7d29dcd1d70c6f', 3, 'follow', '{"at":1796058232.468419,"progress":"RUNNING","message":null,"reference":null,"body":null,"polls":1,"trouble":null}', NULL, NULL, 1796058232464, 1796058232468, 'portable_json', 'upgrade-gateway', 1796058232470);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 2, 'send', '{"outcome":"UNANSWERED","at":1796058232.4737613,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058232467, 1796058232473, 'portable_json', 'upgrade-gateway', 1796058232474);
INSERT INTO dbos.operation_outputs VALUES ('e64ef6a2049187f2-820cd0df518a39871ff82415d55fe119', 1, 'check', '{"at":1796058232.468233,"announcement":{"number":1,"correlation_id":"c1db9ac4-24f8-4fff-ba9c-2a118e830b11","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4682398},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232466, 1796058232468, 'portable_json', 'upgrade-gateway', 1796058232469);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d.1', 1, 'check', '{"at":1796058232.5620732,"announcement":{"number":1,"correlation_id":"513e12f9-79f8-4a89-942d-d008fa88f577","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.5620809},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232559, 1796058232562, 'portable_json', 'upgrade-gateway', 1796058232562);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 7, 'look', '{"at":1796058233.494797,"verdict":"NOT_DONE","trouble":null,"reference":null,"body":null}', NULL, NULL, 1796058233493, 1796058233494, 'portable_json', 'upgrade-gateway', 1796058233495);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 10, 'send', '{"outcome":"UNANSWERED","at":1796058235.5029848,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058235501, 1796058235503, 'portable_json', 'upgrade-gateway', 1796058235503);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 13, 'announce', '{"announcement":{"number":4,"correlation_id":"9e1ef6b6-4137-4ade-b9bf-bfecebfc2ce4","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058239.5100195},"cancelled_at":null}', NULL, NULL, 1796058239508, 1796058239510, 'portable_json', 'upgrade-gateway', 1796058239511);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 16, 'wait', '{"reason":"was not answered, and is not done yet","until":1796058247.5161633}', NULL, NULL, 1796058239517, 1796058239518, 'portable_json', 'upgrade-gateway', 1796058239519);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-69d6ebafb05b5f305370f17f9ac3aafb', 2, 'send', '{"outcome":"ACCEPTED","at":1796058232.4780042,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"99999999-0000-4000-8000-000000000001","body":null}', NULL, NULL, 1796058232476, 1796058232478, 'portable_json', 'upgrade-gateway', 1796058232479);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-69d6ebafb05b5f305370f17f9ac3aafb', 3, 'follow', '{"at":1796058232.482422,"progress":"RUNNING","message":null,"reference":null,"body":null,"polls":1,"trouble":null}', NULL, NULL, 1796058232480, 1796058232482, 'portable_json', 'upgrade-gateway', 1796058232483);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 4, 'wait', '{"reason":"was not answered, and is not done yet","until":1796058233.4790297}', NULL, NULL, 1796058232482, 1796058232485, 'portable_json', 'upgrade-gateway', 1796058232486);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.1', 2, 'send', '{"outcome":"ACCEPTED","at":1796058232.5279303,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-40","body":"{\"sourceSubscriptionId\":\"subscription-40\",\"targetSubscriptionId\":\"target-of-subscription-40\",\"upgradeType\":\"upgrade_only\"}"}', NULL, NULL, 1796058232526, 1796058232527, 'portable_json', 'upgrade-gateway', 1796058232528);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.2', 2, 'send', '{"outcome":"ACCEPTED","at":1796058232.5399725,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-41","body":"{\"sourceSubscriptionId\":\"subscription-41\",\"targetSubscriptionId\":\"target-of-subscription-41\",\"upgradeType\":\"upgrade_only\"}"}', NULL, NULL, 1796058232538, 1796058232540, 'portable_json', 'upgrade-gateway', 1796058232540);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 3, 'look', '{"at":1796058232.4790297,"verdict":"NOT_DONE","trouble":null,"reference":null,"body":null}', NULL, NULL, 1796058232477, 1796058232479, 'portable_json', 'upgrade-gateway', 1796058232481);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.1', 1, 'check', '{"at":1796058232.525455,"announcement":{"number":1,"correlation_id":"f204063a-d80d-4428-91ed-41d0ba7f5142","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.5254629},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232522, 1796058232525, 'portable_json', 'upgrade-gateway', 1796058232526);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.2', 1, 'check', '{"at":1796058232.5373156,"announcement":{"number":1,"correlation_id":"e819c6e1-1c4b-44ca-aa3b-980e37e7403b","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.537323},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232531, 1796058232537, 'portable_json', 'upgrade-gateway', 1796058232538);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 5, 'announce', '{"announcement":{"number":2,"correlation_id":"b091ac98-4685-4dbe-9826-91ef9267ded3","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058233.4874814},"cancelled_at":null}', NULL, NULL, 1796058233480, 1796058233487, 'portable_json', 'upgrade-gateway', 1796058233488);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 8, 'wait', '{"reason":"was not answered, and is not done yet","until":1796058235.494797}', NULL, NULL, 1796058233496, 1796058233497, 'portable_json', 'upgrade-gateway', 1796058233498);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 11, 'look', '{"at":1796058235.505685,"verdict":"NOT_DONE","trouble":null,"reference":null,"body":null}', NULL, NULL, 1796058235504, 1796058235505, 'portable_json', 'upgrade-gateway', 1796058235506);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 14, 'send', '{"outcome":"UNANSWERED","at":1796058239.5134583,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058239512, 1796058239513, 'portable_json', 'upgrade-gateway', 1796058239514);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 6, 'send', '{"outcome":"UNANSWERED","at":1796058233.4923308,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}', NULL, NULL, 1796058233490, 1796058233492, 'portable_json', 'upgrade-gateway', 1796058233493);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 9, 'announce', '{"announcement":{"number":3,"correlation_id":"3b40b40f-28b4-4dff-a7d3-a70290868113","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058235.499896},"cancelled_at":null}', NULL, NULL, 1796058235497, 1796058235500, 'portable_json', 'upgrade-gateway', 1796058235500);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 12, 'wait', '{"reason":"was not answered, and is not done yet","until":1796058239.505685}', NULL, NULL, 1796058235507, 1796058235507, 'portable_json', 'upgrade-gateway', 1796058235508);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 15, 'look', '{"at":1796058239.5161633,"verdict":"NOT_DONE","trouble":null,"reference":null,"body":null}', NULL, NULL, 1796058239515, 1796058239516, 'portable_json', 'upgrade-gateway', 1796058239517);
INSERT INTO dbos.operation_outputs VALUES ('c2ea1b760db53b35-69d6ebafb05b5f305370f17f9ac3aafb', 1, 'check', '{"at":1796058232.4710171,"announcement":{"number":1,"correlation_id":"f989be42-f3a9-4974-a1ba-072f7a68afd8","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4710228},"reference":null,"facts":{"quantity":5,"known_ids":["old-1"],"is_listed":true},"refusal":null,"body":null,"trouble":null,"is_cancelled":false}', NULL, NULL, 1796058232463, 1796058232471, 'portable_json', 'upgrade-gateway', 1796058232471);
INSERT INTO dbos.operation_outputs VALUES ('e64ef6a2049187f2-820cd0df518a39871ff82415d55fe119', 2, 'send', '{"outcome":"ACCEPTED","at":1796058232.4776616,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-30","body":"{\"sourceSubscriptionId\":\"subscription-30\",\"targetSubscriptionId\":\"target-of-subscription-30\",\"upgradeType\":\"upgrade_only\"}"}', NULL, NULL, 1796058232476, 1796058232477, 'portable_json', 'upgrade-gateway', 1796058232478);


--
-- Data for Name: workflow_input; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119","principal":"key:billing","idempotency_key":"done-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-0"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"8aa313b0fcf6cbeab0f33dfa51f1013d","request_id":"449afcc7-aee9-4b00-af96-8b60ae30ca65","created_at":1796058232.3775487,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232399);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-9c53e69ff84e9bb6fa0f3adb6f464990', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-9c53e69ff84e9bb6fa0f3adb6f464990","principal":"key:billing","idempotency_key":"refused-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-1"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"964a7d1a826a21eff05e175847b95382","request_id":"37ef3e0f-743f-4a63-b1c1-a5dfd51de627","created_at":1796058232.4007244,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232405);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4","principal":"key:billing","idempotency_key":"doubt-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-2"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"09e62213506977041f8f610d70944d4f","request_id":"c64fb903-d892-487d-a31a-b1a4e982944c","created_at":1796058232.4057148,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232408);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab","principal":"key:billing","idempotency_key":"doubt-settled","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-3"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"9c49a4cd1d498bcb6282a3de333cdc30","request_id":"c065a73e-31db-42a8-a63d-b72ba9a90cc3","created_at":1796058232.4089644,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232412);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-2408bd9da7989111a292b9309926428a', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-2408bd9da7989111a292b9309926428a","principal":"key:billing","idempotency_key":"throttled-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-4"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"6f1dbf98105b757352694d208cb8ed8c","request_id":"bd8e0b54-f6bd-40a8-8bc0-8a086fb2b4ea","created_at":1796058232.4154296,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232422);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-018a5ab7152cc4db5d8802984bb1ab24', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-018a5ab7152cc4db5d8802984bb1ab24","principal":"key:billing","idempotency_key":"away-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-5"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"bdbc09f95fa66ac25d5c5b90b22dad1b","request_id":"f6474746-d2f7-454c-b495-b115368e1ef9","created_at":1796058232.423099,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232428);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-3312a7d061bac1908006fbb8af911625', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-3312a7d061bac1908006fbb8af911625","principal":"key:billing","idempotency_key":"hang-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-6"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"9ddc6a911fc5374549d3bfc7613d47ee","request_id":"5a1f77ab-582c-46ec-9349-5088d25c6482","created_at":1796058232.4283152,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232440);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c","principal":"key:billing","idempotency_key":"lost-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-7"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"fba03b4bb4f07271a952fb966b69f827","request_id":"1d11bae7-84f9-423b-a904-002519af844f","created_at":1796058232.4409697,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232449);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-15bec2dc9f352bf71b7d29dcd1d70c6f', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-15bec2dc9f352bf71b7d29dcd1d70c6f","principal":"key:billing","idempotency_key":"follow-transition","kind":"TRANSITION_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-20"},"to_catalog_item_id":"CFQ7TTC0LH18:0001:CFQ7TTC0K971","quantity":3,"transition_type":"TRANSITION_ONLY","to_subscription_id":null,"term_duration":null,"billing_cycle":null,"promotion_id":null},"payload_hash":"6a46d7447df929b4f91671cbfcbe0dcc","request_id":"59c6f611-b4a5-4815-8465-bde9c614f20c","created_at":1796058232.4515798,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232455);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-69d6ebafb05b5f305370f17f9ac3aafb', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-69d6ebafb05b5f305370f17f9ac3aafb","principal":"key:billing","idempotency_key":"follow-product","kind":"REQUEST_PRODUCT_UPGRADE","payload":{"product":{"customer_id":"customer-1","product_family":"azure"}},"payload_hash":"c8543fdd7fdb132f63e2a13f4594d09d","request_id":"99d6f27b-7f0c-4bd9-bb0a-996a14269b47","created_at":1796058232.456576,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232461);
INSERT INTO dbos.workflow_input VALUES ('e64ef6a2049187f2-820cd0df518a39871ff82415d55fe119', '{"namedArgs":{},"positionalArgs":[{"id":"e64ef6a2049187f2-820cd0df518a39871ff82415d55fe119","principal":"key:reports","idempotency_key":"done-1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-30"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"b0b19cb58a99878ac0315292f2c0fa3b","request_id":"72741398-e08b-47aa-9c9f-d498c594c491","created_at":1796058232.4626873,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":null}]}', 1796058232466);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab.settled', '{"namedArgs":{},"positionalArgs":[{"operation_id":"c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab","principal":"key:billing","is_done":true,"note":"seen in the portal","at":1796058232.475567}]}', 1796058232480);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86","principal":"key:billing","idempotency_key":"done-batch","payload_hash":"7d5ce68d6193ee2d97d0ed3e53087b0a","lines":[{"source":{"customer_id":"customer-1","subscription_id":"subscription-40"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},{"source":{"customer_id":"customer-1","subscription_id":"subscription-41"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null}],"request_seed":"972e86eb-7b37-4717-bbbd-72a19d27db89","created_at":1796058232.4983535,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0}}]}', 1796058232509);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.1', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.1","principal":"key:billing","idempotency_key":"done-batch#1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-40"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"270e7a6b99758f18d1edffacd697e0b0","request_id":"f2e7d548-2c59-5c22-a657-e2829b64cc9f","created_at":1796058232.5206828,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":"c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86"}]}', 1796058232521);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.2', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.2","principal":"key:billing","idempotency_key":"done-batch#2","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-41"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"b32e166a33bdadc321c19f5c6cb4f6be","request_id":"2611411d-349b-5784-a4d4-a30ac5a6e23c","created_at":1796058232.5295403,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":"c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86"}]}', 1796058232530);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d","principal":"key:billing","idempotency_key":"hang-batch","payload_hash":"b3d4e6ace67ba8f8380d08a12328838d","lines":[{"source":{"customer_id":"customer-1","subscription_id":"subscription-50"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},{"source":{"customer_id":"customer-1","subscription_id":"subscription-51"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},{"source":{"customer_id":"customer-1","subscription_id":"subscription-52"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null}],"request_seed":"8def7824-1d6f-4f88-9e51-0b4b08f40814","created_at":1796058232.5419307,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0}}]}', 1796058232545);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b","principal":"key:billing","idempotency_key":"hang-cancelled","payload_hash":"532835b68bc163d650e4e670b580284e","lines":[{"source":{"customer_id":"customer-1","subscription_id":"subscription-60"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},{"source":{"customer_id":"customer-1","subscription_id":"subscription-61"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null}],"request_seed":"418226ec-a85c-44ee-8005-0a20bac01aad","created_at":1796058232.5497022,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0}}]}', 1796058232554);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d.1', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d.1","principal":"key:billing","idempotency_key":"hang-batch#1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-50"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"47525478a0586b885baeaf94fd4433e4","request_id":"a19d3373-f4f1-51bc-904e-26618417ede9","created_at":1796058232.5569086,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":"c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d"}]}', 1796058232557);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b.1', '{"namedArgs":{},"positionalArgs":[{"id":"c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b.1","principal":"key:billing","idempotency_key":"hang-cancelled#1","kind":"UPGRADE_SUBSCRIPTION","payload":{"source":{"customer_id":"customer-1","subscription_id":"subscription-60"},"target_offer_id":"offer-1","upgrade_type":"UPGRADE_ONLY","quantity":null,"preview":null},"payload_hash":"39b30bf1e143b9617bea9eb4c12f4110","request_id":"16c61d6e-d5b7-579c-b184-7d7344924b44","created_at":1796058232.5605323,"policy":{"trust_s":600.0,"give_up_s":3600.0,"first_pause_s":1.0},"batch_id":"c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b"}]}', 1796058232561);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b.cancelled', '{"namedArgs":{},"positionalArgs":[{"batch_id":"c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b","principal":"key:billing","at":1796058233.0561671}]}', 1796058233057);
INSERT INTO dbos.workflow_input VALUES ('c2ea1b760db53b35-seats.1', '{"namedArgs":{},"positionalArgs":[{"number":1,"operation_id":"c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119","seats":5,"at":1796058233.0629683}]}', 1796058233063);


--
-- Data for Name: workflow_output; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-9c53e69ff84e9bb6fa0f3adb6f464990', '{"ending":{"state":"REFUSED","at":1796058232.4107082,"failure":{"code":"NOT_ELIGIBLE","message":"No path.","field":null},"reference":null,"body":null},"attempts":[]}', NULL, 1796058232421);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119', '{"ending":{"state":"DONE","at":1796058232.4206343,"failure":null,"reference":"target-of-subscription-0","body":"{\"sourceSubscriptionId\":\"subscription-0\",\"targetSubscriptionId\":\"target-of-subscription-0\",\"upgradeType\":\"upgrade_only\"}"},"attempts":[{"announcement":{"number":1,"correlation_id":"b854ce8d-b60d-46e5-ae5d-9961670f65ed","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4098911},"sent":{"outcome":"ACCEPTED","at":1796058232.4206343,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-0","body":"{\"sourceSubscriptionId\":\"subscription-0\",\"targetSubscriptionId\":\"target-of-subscription-0\",\"upgradeType\":\"upgrade_only\"}"}}]}', NULL, 1796058232424);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4', '{"ending":{"state":"IN_DOUBT","at":1796058232.444249,"failure":{"code":"OUTCOME_UNKNOWN","message":"Whether it was done is not known: what is there now may be its doing or another''s. Look, then settle it.","field":null},"reference":null,"body":null},"attempts":[{"announcement":{"number":1,"correlation_id":"65a36511-a6ba-485e-9028-e7a0c6ea71d7","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.413421},"sent":{"outcome":"UNANSWERED","at":1796058232.4292428,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}}]}', NULL, 1796058232447);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab', '{"ending":{"state":"IN_DOUBT","at":1796058232.4496694,"failure":{"code":"OUTCOME_UNKNOWN","message":"Whether it was done is not known: what is there now may be its doing or another''s. Look, then settle it.","field":null},"reference":null,"body":null},"attempts":[{"announcement":{"number":1,"correlation_id":"7b488e84-7940-4b14-94c4-076ef9af09b4","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4336483},"sent":{"outcome":"UNANSWERED","at":1796058232.437215,"trouble":{"message":"The vendor did not answer.","passes":true,"needs_caller":false,"retry_after_s":null,"status":null,"code":null},"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":null,"body":null}}]}', NULL, 1796058232451);
INSERT INTO dbos.workflow_output VALUES ('e64ef6a2049187f2-820cd0df518a39871ff82415d55fe119', '{"ending":{"state":"DONE","at":1796058232.4776616,"failure":null,"reference":"target-of-subscription-30","body":"{\"sourceSubscriptionId\":\"subscription-30\",\"targetSubscriptionId\":\"target-of-subscription-30\",\"upgradeType\":\"upgrade_only\"}"},"attempts":[{"announcement":{"number":1,"correlation_id":"c1db9ac4-24f8-4fff-ba9c-2a118e830b11","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.4682398},"sent":{"outcome":"ACCEPTED","at":1796058232.4776616,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-30","body":"{\"sourceSubscriptionId\":\"subscription-30\",\"targetSubscriptionId\":\"target-of-subscription-30\",\"upgradeType\":\"upgrade_only\"}"}}]}', NULL, 1796058232482);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab.settled', '{"operation_id":"c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab","principal":"key:billing","is_done":true,"note":"seen in the portal","at":1796058232.475567}', NULL, 1796058232486);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.1', '{"ending":{"state":"DONE","at":1796058232.5279303,"failure":null,"reference":"target-of-subscription-40","body":"{\"sourceSubscriptionId\":\"subscription-40\",\"targetSubscriptionId\":\"target-of-subscription-40\",\"upgradeType\":\"upgrade_only\"}"},"attempts":[{"announcement":{"number":1,"correlation_id":"f204063a-d80d-4428-91ed-41d0ba7f5142","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.5254629},"sent":{"outcome":"ACCEPTED","at":1796058232.5279303,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-40","body":"{\"sourceSubscriptionId\":\"subscription-40\",\"targetSubscriptionId\":\"target-of-subscription-40\",\"upgradeType\":\"upgrade_only\"}"}}]}', NULL, 1796058232530);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86', '{"at":1796058232.541727,"states":["DONE","DONE"]}', NULL, 1796058232543);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.2', '{"ending":{"state":"DONE","at":1796058232.5399725,"failure":null,"reference":"target-of-subscription-41","body":"{\"sourceSubscriptionId\":\"subscription-41\",\"targetSubscriptionId\":\"target-of-subscription-41\",\"upgradeType\":\"upgrade_only\"}"},"attempts":[{"announcement":{"number":1,"correlation_id":"e819c6e1-1c4b-44ca-aa3b-980e37e7403b","incarnation":"405b76dd-6d5c-4129-b0a8-54699dae20be","at":1796058232.537323},"sent":{"outcome":"ACCEPTED","at":1796058232.5399725,"trouble":null,"has_fresh_token":false,"has_errors":false,"has_license_errors":false,"reference":"target-of-subscription-41","body":"{\"sourceSubscriptionId\":\"subscription-41\",\"targetSubscriptionId\":\"target-of-subscription-41\",\"upgradeType\":\"upgrade_only\"}"}}]}', NULL, 1796058232544);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b.cancelled', '{"batch_id":"c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b","principal":"key:billing","at":1796058233.0561671}', NULL, 1796058233062);
INSERT INTO dbos.workflow_output VALUES ('c2ea1b760db53b35-seats.1', '{"number":1,"operation_id":"c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119","seats":5,"at":1796058233.0629683}', NULL, 1796058233066);


--
-- Data for Name: workflow_status; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-9c53e69ff84e9bb6fa0f3adb6f464990', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232405, 1796058232421, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232421, '{"subject": "subscription:customer-1:subscription-1"}', NULL, NULL, false, 'upgrade-gateway', 'b3e59ce7-9cd5-4333-ba2f-9561b0e59d4e');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-2408bd9da7989111a292b9309926428a', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232422, 1796058232422, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '16a97935-a22b-4bdc-b8e5-a016d4f97f62', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-4"}', NULL, NULL, false, 'upgrade-gateway', '16a97935-a22b-4bdc-b8e5-a016d4f97f62');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-820cd0df518a39871ff82415d55fe119', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232399, 1796058232424, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232424, '{"subject": "subscription:customer-1:subscription-0"}', NULL, NULL, false, 'upgrade-gateway', '46afb2e1-f512-4309-abb9-805ad44c0905');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-018a5ab7152cc4db5d8802984bb1ab24', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232428, 1796058232428, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '95046471-e326-4bd0-a9ef-08b883c93ed6', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-5"}', NULL, NULL, false, 'upgrade-gateway', '95046471-e326-4bd0-a9ef-08b883c93ed6');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-3312a7d061bac1908006fbb8af911625', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232440, 1796058232440, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '3faa598d-1753-4a7d-8d1a-cf20e9296782', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-6"}', NULL, NULL, false, 'upgrade-gateway', '3faa598d-1753-4a7d-8d1a-cf20e9296782');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-fc51d687ca315b23c82d2ce81403ebe4', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232408, 1796058232447, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232447, '{"subject": "subscription:customer-1:subscription-2"}', NULL, NULL, false, 'upgrade-gateway', '7a9cc30b-e70b-4902-9e65-7963aea68478');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-7988b71daf47d1a3d7661cd3eadceb6c', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232449, 1796058232449, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '84b0e726-f771-49e4-98c1-3c50b399cf3b', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-7"}', NULL, NULL, false, 'upgrade-gateway', '84b0e726-f771-49e4-98c1-3c50b399cf3b');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232412, 1796058232451, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232451, '{"subject": "subscription:customer-1:subscription-3"}', NULL, NULL, false, 'upgrade-gateway', '26413fee-2dd8-41ed-a733-3191042136c1');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-15bec2dc9f352bf71b7d29dcd1d70c6f', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232455, 1796058232455, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '9ecabaed-fb22-4f89-8e9d-6818081cde13', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-20"}', NULL, NULL, false, 'upgrade-gateway', '9ecabaed-fb22-4f89-8e9d-6818081cde13');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-69d6ebafb05b5f305370f17f9ac3aafb', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232461, 1796058232461, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '8732552a-228f-4e95-a466-66e3f9efd0e5', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "product:customer-1:azure"}', NULL, NULL, false, 'upgrade-gateway', '8732552a-228f-4e95-a466-66e3f9efd0e5');
INSERT INTO dbos.workflow_status VALUES ('e64ef6a2049187f2-820cd0df518a39871ff82415d55fe119', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232466, 1796058232482, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232482, '{"subject": "subscription:customer-1:subscription-30"}', NULL, NULL, false, 'upgrade-gateway', '3550ee74-6972-42c7-87f5-3e315cf021e1');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-50c79f0b5666c48cb783678918433eab.settled', 'SUCCESS', 'settlement', NULL, NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232480, 1796058232486, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232486, 'null', NULL, NULL, false, 'upgrade-gateway', 'd1fb4b5c-bbb2-441a-ab1c-d2e36458cfc9');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.1', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232521, 1796058232530, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232530, '{"subject": "subscription:customer-1:subscription-40"}', NULL, NULL, false, 'upgrade-gateway', 'c6098f62-ceee-431c-a04c-503922251fdd');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86', 'SUCCESS', 'batch', NULL, NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232509, 1796058232543, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232543, 'null', NULL, NULL, false, 'upgrade-gateway', '23bf1af1-06cd-4e28-89fd-b15b45be5b3c');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-83842dc460ee3f55e5ad579852e47d86.2', 'SUCCESS', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232530, 1796058232544, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058232544, '{"subject": "subscription:customer-1:subscription-41"}', NULL, NULL, false, 'upgrade-gateway', 'da39348e-1ed3-4b02-9433-41a2880c9bfc');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d', 'PENDING', 'batch', NULL, NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232545, 1796058232545, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'b197ab50-9a02-439e-8279-1835ccdba489', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'upgrade-gateway', 'b197ab50-9a02-439e-8279-1835ccdba489');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-2e185900350113e46f1b1ee126f2281d.1', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232557, 1796058232557, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '6e9e394b-8ea2-419e-9e4c-9b37845288b6', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-50"}', NULL, NULL, false, 'upgrade-gateway', '6e9e394b-8ea2-419e-9e4c-9b37845288b6');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b.cancelled', 'SUCCESS', 'cancellation', NULL, NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058233057, 1796058233062, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058233062, 'null', NULL, NULL, false, 'upgrade-gateway', '02a2541c-dcad-46b0-b521-c346ee5ce7f5');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b', 'PENDING', 'batch', NULL, NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232554, 1796058232554, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'be525037-3882-4dec-927c-f818e10a8733', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'upgrade-gateway', 'be525037-3882-4dec-927c-f818e10a8733');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-8c4dc5f2aa80839a7fda43afe26d2f8b.1', 'PENDING', 'operation', 'customer-1', NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058232561, 1796058232561, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '09470ffd-d987-4b5f-b543-227d20b0d8eb', NULL, 'portable_json', NULL, false, false, NULL, '{"subject": "subscription:customer-1:subscription-60"}', NULL, NULL, false, 'upgrade-gateway', '09470ffd-d987-4b5f-b543-227d20b0d8eb');
INSERT INTO dbos.workflow_status VALUES ('c2ea1b760db53b35-seats.1', 'SUCCESS', 'seats', NULL, NULL, NULL, NULL, NULL, NULL, 'e1aa5e3d06b749d4a4b9e3785a7ec4aa', 1796058233063, 1796058233066, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796058233066, 'null', NULL, NULL, false, 'upgrade-gateway', '572059c6-40e9-48ec-8b66-bf8c7a17be0e');


--
-- Name: operation_outputs operation_outputs_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.operation_outputs
    ADD CONSTRAINT operation_outputs_pkey PRIMARY KEY (workflow_uuid, function_id);


--
-- Name: workflow_input workflow_input_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_input
    ADD CONSTRAINT workflow_input_pkey PRIMARY KEY (workflow_uuid);


--
-- Name: workflow_output workflow_output_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_output
    ADD CONSTRAINT workflow_output_pkey PRIMARY KEY (workflow_uuid);


--
-- Name: workflow_status workflow_status_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_status
    ADD CONSTRAINT workflow_status_pkey PRIMARY KEY (workflow_uuid);


--
-- Name: idx_operation_outputs_completed_at_function_name_v2; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_operation_outputs_completed_at_function_name_v2 ON dbos.operation_outputs USING btree (completed_at_epoch_ms, function_name) INCLUDE (application_name);


--
-- Name: idx_operation_outputs_retention; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_operation_outputs_retention ON dbos.operation_outputs USING btree (retention_timestamp);


--
-- Name: idx_workflow_input_retention; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_input_retention ON dbos.workflow_input USING btree (retention_timestamp);


--
-- Name: idx_workflow_output_retention; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_output_retention ON dbos.workflow_output USING btree (retention_timestamp);


--
-- Name: idx_workflow_status_attributes; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_attributes ON dbos.workflow_status USING gin (attributes) WHERE (attributes IS NOT NULL);


--
-- Name: idx_workflow_status_completed_at; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_completed_at ON dbos.workflow_status USING btree (completed_at) WHERE (completed_at IS NOT NULL);


--
-- Name: idx_workflow_status_deadline; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_deadline ON dbos.workflow_status USING btree (workflow_deadline_epoch_ms) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text, 'DELAYED'::text])) AND (workflow_deadline_epoch_ms IS NOT NULL));


--
-- Name: idx_workflow_status_delayed; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_delayed ON dbos.workflow_status USING btree (delay_until_epoch_ms) WHERE (status = 'DELAYED'::text);


--
-- Name: idx_workflow_status_failed; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_failed ON dbos.workflow_status USING btree (status, created_at) WHERE (status = ANY (ARRAY['ERROR'::text, 'CANCELLED'::text, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'::text]));


--
-- Name: idx_workflow_status_forked_from; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_forked_from ON dbos.workflow_status USING btree (forked_from) WHERE (forked_from IS NOT NULL);


--
-- Name: idx_workflow_status_in_flight_v2; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_in_flight_v2 ON dbos.workflow_status USING btree (queue_name, status, priority, created_at) INCLUDE (application_name) WHERE (status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text]));


--
-- Name: idx_workflow_status_parent_workflow_id; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_parent_workflow_id ON dbos.workflow_status USING btree (parent_workflow_id) WHERE (parent_workflow_id IS NOT NULL);


--
-- Name: idx_workflow_status_partition_dequeue_v3; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_partition_dequeue_v3 ON dbos.workflow_status USING btree (queue_name, status, queue_partition_key, priority, created_at, workflow_uuid) INCLUDE (application_name) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text])) AND (queue_partition_key IS NOT NULL));


--
-- Name: idx_workflow_status_pending; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_pending ON dbos.workflow_status USING btree (created_at) WHERE (status = 'PENDING'::text);


--
-- Name: idx_workflow_status_rate_limited; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_rate_limited ON dbos.workflow_status USING btree (queue_name, started_at_epoch_ms) WHERE (rate_limited = true);


--
-- Name: idx_workflow_status_schedule_name; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_schedule_name ON dbos.workflow_status USING btree (schedule_name) WHERE (schedule_name IS NOT NULL);


--
-- Name: idx_workflow_status_started_at; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_started_at ON dbos.workflow_status USING btree (started_at_epoch_ms) WHERE (started_at_epoch_ms IS NOT NULL);


--
-- Name: upgrade_gateway_customer; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX upgrade_gateway_customer ON dbos.workflow_status USING btree (authenticated_user, created_at);


--
-- Name: upgrade_gateway_subject; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX upgrade_gateway_subject ON dbos.workflow_status USING btree (((attributes ->> 'subject'::text)), created_at) WHERE (attributes IS NOT NULL);


--
-- Name: uq_workflow_status_dedup_id; Type: INDEX; Schema: dbos; Owner: -
--

CREATE UNIQUE INDEX uq_workflow_status_dedup_id ON dbos.workflow_status USING btree (queue_name, deduplication_id) WHERE (deduplication_id IS NOT NULL);


--
-- Name: workflow_status_created_at_index; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX workflow_status_created_at_index ON dbos.workflow_status USING btree (created_at);


--
-- PostgreSQL database dump complete
--

\unrestrict 0PFjGPBGVRD5wa3ZV1dG9lwHuqCBttJoaej42gvfhXtoxyxA25ETW1pEHvyAYGK

