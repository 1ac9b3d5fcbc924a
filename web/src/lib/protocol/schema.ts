// Written by `npm run protocol` from the server’s OpenAPI document; never edit it by hand.

export interface paths {
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document. */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, from where, and what became of it; newest first. */
        get: operations["audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/containers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every container that the asker may see, and their engines. */
        get: operations["containers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/containers/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * CPU, memory and network of the running containers that the asker may see, now.
         * @description Rates are `null` at the first look. It is meant to be asked every two seconds while somebody looks.
         */
        get: operations["containers_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/containers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One container. */
        get: operations["container"];
        put?: never;
        post?: never;
        /** Removes a container that does not run. Its volumes stay, and so does what it said. */
        delete: operations["remove_container"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/containers/{id}/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a container is made: limits, mounts, networks, labels, environment.
         * @description Read from the engine when asked. Values of the environment that look like secrets, by name or by shape, are never sent.
         */
        get: operations["container_details"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/containers/{id}/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts, stops, restarts, kills, pauses or unpauses a container.
         * @description That the engine refused is no error of the request: the operation's `outcome` is `failed`, and its target says why.
         */
        post: operations["act_on_container"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hide-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asker's own rules, everyone's, and those of containers' labels, for services that the asker may see. */
        get: operations["hide_rules"];
        put?: never;
        /** Hides lines of a service from the asker's views, or from everyone's. */
        post: operations["add_hide_rule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hide-rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a rule: one's own, or as an admin one of everyone's. */
        delete: operations["remove_hide_rule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one can log in besides with name and password. */
        get: operations["login_ways"];
        put?: never;
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session and every stream that it opened. */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records of one or many containers.
         * @description Answers by `Accept`: `application/x-ndjson` (the default), `application/json`, `text/plain` or `text/csv`. Without
         *     `limit` the answer is all there is, streamed. With a `query` it holds only what matches, newest first with `order=desc`, and
         *     ends with `{"summary":{…}}` (NDJSON) or has it beside `next` (JSON). A gap (`{"gap":{…}}`) stands where records are known to be missing.
         *     Packed as `Accept-Encoding` allows (`gzip`, `zstd`), but for JSON and for what follows.
         *     An answer that cannot be completed ends in a closed connection, never in a clean end.
         */
        get: operations["logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logs/histogram": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records of a view by time and severity.
         * @description Every record is counted once; one whose time lies outside of the range that its neighbours are in counts at its edge.
         *     Without `query` and `iostream` the counts come from an index: 10 million lines take milliseconds.
         */
        get: operations["histogram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to containers besides their lines: exits, OOM kills, restarts, health changes, renames. */
        get: operations["marks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks, and what they may do. */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives the session's password once more: for ten minutes it may then change users, tokens and settings.
         * @description Only sessions are asked, by `confirmation_required`; a token never is.
         */
        post: operations["confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives the asker another password; all their other sessions end. */
        post: operations["password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Back from the provider. */
        get: operations["oidc_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oidc/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Off to the OpenID Connect provider; there is such a route only when one is configured. */
        get: operations["oidc_login"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, when, and how it ended; newest first. */
        get: operations["operations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One operation. */
        get: operations["operation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What can be given to users and tokens. */
        get: operations["roles"];
        put?: never;
        /** Makes a role. */
        post: operations["add_role"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes what a role allows. What was granted to those who have it ends, and open pages ask again. */
        put: operations["change_role"];
        post?: never;
        /** Removes a role that nobody has. */
        delete: operations["remove_role"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/searches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asker's own searches and the shared ones, by name. */
        get: operations["searches"];
        put?: never;
        /** Saves a view under a name. */
        post: operations["save_search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/searches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a search: one's own, or as an admin a shared one. */
        delete: operations["remove_search"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the asker is logged in. */
        get: operations["sessions"];
        put?: never;
        post?: never;
        /** Ends all of the asker's sessions but the one that asks. */
        delete: operations["end_other_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one of the asker's sessions, and everything that it opened. */
        delete: operations["end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The limits that hold, where they come from, the disk, and what is held in all and of each container. */
        get: operations["retention"];
        /** Changes the limits at once, over restarts too. They hold in place of the configuration's, as a whole. */
        put: operations["set_retention"];
        post?: never;
        /** Back to the limits of the configuration, or the default without any: the same as `{"limit":null}`. */
        delete: operations["reset_retention"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The first admin, by the one-time link that MiniMan prints. */
        post: operations["setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every stack that has a container which the asker may see. */
        get: operations["stacks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stacks/{id}/services/{service}/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Acts on every container of one service of a stack. */
        post: operations["act_on_service"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stacks/{id}/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Acts on every container of a stack; refused as a whole when one of them may not be acted on. */
        post: operations["act_on_stack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asker's tokens; all of them for whoever manages. Their secrets are kept nowhere. */
        get: operations["tokens"];
        put?: never;
        /** Makes a token of the asker's own. The answer is the only place where its secret ever stands. */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token; what it opened ends within a second. */
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody who may log in. */
        get: operations["users"];
        put?: never;
        /** Adds a user. */
        post: operations["add_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes role, scope, whether the user may log in, or the password; what is left out stays. Their sessions end. */
        put: operations["change_user"];
        post?: never;
        /** Removes a user with all sessions and tokens; what they opened ends within a second. */
        delete: operations["remove_user"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers. */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The state of MiniMan in Prometheus' text format. */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether it may be sent requests. */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AgeLimit: {
            /** @description In words: `30d`; `null` for any age. */
            limit: string | null;
            /** Format: int64 */
            seconds: number | null;
            /**
             * @description MiniMan's own default, the configuration (option, variable or file), or set here.
             * @enum {string}
             */
            source: "default" | "configuration" | "setting";
        };
        /** @description `GET /audit`. */
        Audit: {
            /** @description Newest first. */
            rows: components["schemas"]["AuditRow"][];
        };
        AuditRow: {
            /** @description `login`, `user.add`, `container.restart`. */
            action: string;
            /** @description Where it came from; empty for the command line. */
            address: string;
            /** Format: date-time */
            at: string;
            detail: string;
            /** @description SHA-256 over this row and the hash of the one before, in hexadecimal digits. */
            hash: string;
            /**
             * Format: int64
             * @description Counts up by one.
             */
            id: number;
            /** @description `asked`, `succeeded`, `failed` or `refused`. */
            outcome: string;
            /** @description What it was done to. */
            target: string;
            /** @description The user's name as it was; ` (token NAME)` behind it when a program asked, `(unknown)` for who is no user. */
            who: string;
        };
        Backfill: {
            /** Format: int64 */
            bytes_read: number;
            /** Format: int64 */
            bytes_total: number;
            done: boolean;
        };
        ConfirmBody: {
            password: string;
        };
        Container: {
            /** @description What the asker may do to it in its present state. */
            actions: string[];
            /**
             * Format: int32
             * @description The stack's id in the logs page's URL; 0 for no stack.
             */
            config_id: number;
            /** Format: date-time */
            created: string;
            engine: string;
            /** Format: int64 */
            exit_code: number | null;
            /** Format: date-time */
            finished_at: string | null;
            /** @description `none`, `starting`, `healthy`, `unhealthy`. */
            health: string;
            /** @description 64 hex digits. */
            id: string;
            image: string;
            /** @description MiniMan runs in it, and refuses to act on it. */
            is_self: boolean;
            log: components["schemas"]["ContainerLog"];
            /**
             * @description Where its JSON lines have their message, as its label `miniman.message` says; `null` without one and for containers
             *     that are gone.
             * @example event.text
             */
            message_field: string | null;
            name: string;
            /**
             * Format: int32
             * @description Which replica of its service.
             */
            number: number | null;
            oom_killed: boolean;
            ports: components["schemas"]["Port"][];
            /** @description `false` when the engine no longer has it: only its log is left. */
            present: boolean;
            /** Format: int64 */
            restart_count: number;
            service: string | null;
            stack: string | null;
            /** Format: date-time */
            started_at: string | null;
            /** @description Docker's word: `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`. */
            state: string;
        };
        /** @description `GET /containers/{id}/details`. Empty texts are not set. */
        ContainerDetails: {
            /** @description `null` when the asker may not see it. */
            environment: components["schemas"]["EnvironmentVariable"][] | null;
            health: components["schemas"]["HealthCheck"] | null;
            hostname: string;
            id: string;
            /** @description Those that say what it is and where it comes from; for who sees the environment. */
            labels: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description How many it has besides.
             */
            labels_hidden: number;
            limits: components["schemas"]["Limits"];
            log_driver: string;
            mounts: components["schemas"]["Mount"][];
            network_mode: string;
            networks: components["schemas"]["ContainerNetwork"][];
            /**
             * Format: int64
             * @description Rows that are left out of lists without end.
             */
            omitted: number;
            platform: string;
            privileged: boolean;
            /** @description Its root file system is. */
            read_only: boolean;
            restart_policy: components["schemas"]["RestartPolicy"];
            user: string;
            working_dir: string;
        };
        /** @description What is stored of a container's output, and where it comes from. */
        ContainerLog: {
            backfill: components["schemas"]["Backfill"] | null;
            /**
             * Format: int64
             * @description Bytes of all bodies.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Records of severity error or fatal that are stored.
             */
            errors: number;
            /**
             * Format: int64
             * @description Those of the last 15 minutes.
             */
            errors_15m: number;
            /** @description Cursor of the first record; `null` while there is none. */
            first: string | null;
            /** Format: int64 */
            first_seq: number | null;
            /** Format: date-time */
            first_timestamp: string | null;
            /**
             * Format: int64
             * @description How many gaps are in it.
             */
            gaps: number;
            last: string | null;
            last_error: components["schemas"]["LastError"] | null;
            /** Format: int64 */
            last_seq: number | null;
            /** Format: date-time */
            last_timestamp: string | null;
            /**
             * Format: int32
             * @description The log's number in cursors.
             */
            log_id: number;
            /**
             * Format: float
             * @description Lines a second, now.
             */
            rate: number;
            /** Format: int64 */
            records: number;
            /**
             * @description Where a log's lines come from: its files, the engine's API, nowhere because its driver cannot be read, not known
             *     yet, or nowhere any more because the container is gone.
             * @enum {string}
             */
            source: "files" | "api" | "unreadable" | "opening" | "ended";
            /** @description Why it is read by API, or cannot be read: a sentence. */
            source_detail: string | null;
            /**
             * Format: int64
             * @description Bytes they take on disk.
             */
            stored_bytes: number;
        };
        ContainerNetwork: {
            gateway: string;
            ip: string;
            ipv6: string;
            name: string;
        };
        /** @description `null`: not known yet; of the network: it has none of its own. */
        ContainerStats: {
            /**
             * Format: double
             * @description 1.0 is one core.
             */
            cpu_cores: number | null;
            id: string;
            /**
             * Format: int64
             * @description Without page cache that the kernel would give up.
             */
            memory_bytes: number;
            /** Format: int64 */
            memory_limit_bytes: number | null;
            /** Format: date-time */
            read: string;
            /**
             * Format: double
             * @description Bytes.
             */
            received_per_sec: number | null;
            /** Format: double */
            sent_per_sec: number | null;
        };
        /** @description Server: `container_status_change`. */
        ContainerStatusChange: {
            action: string;
            container_id: string;
            error?: string;
            /** @description `running`, `stopped` or `error` for start, stop and restart; Docker's own state word otherwise. */
            status: string;
            success: boolean;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description `GET /containers`. */
        Containers: {
            /** @description Sorted by stack (none last), service, number, name; those that are gone but still stored included. */
            containers: components["schemas"]["Container"][];
            engines: components["schemas"]["Engine"][];
            /** @description Sentences that everybody should know about what is kept: a disk that is full, damage that was found. */
            notices: string[];
        };
        /** @description Server: `containers_changed`, at most four a second: ask for `/containers` again. */
        ContainersChanged: {
            /** Format: int64 */
            generation: number;
        };
        /** @description `GET /containers/stats`. */
        ContainersStats: {
            containers: components["schemas"]["ContainerStats"][];
        };
        CreatedToken: {
            /** @description `mm_…`; told here and never again. */
            secret: string;
            token: components["schemas"]["Token"];
        };
        /** @description The data directory's disk, and what is wrong with what is on it. */
        Disk: {
            /**
             * Format: int64
             * @description Stored blocks of lines that cannot be read, and their lines.
             */
            damaged_blocks: number;
            /** Format: int64 */
            damaged_records: number;
            /**
             * Format: int64
             * @description `null` when the disk does not say.
             */
            free_bytes: number | null;
            low: components["schemas"]["LowDisk"] | null;
            /** @description Sentences about what is wrong; empty when all is well. */
            notices: string[];
            /**
             * Format: int64
             * @description What is to stay free; set by `--disk-reserve` only.
             */
            reserve_bytes: number;
        };
        /** @description Server: `docker_log`, one a line. */
        DockerLog: {
            /** Format: int32 */
            config_id: number;
            /** @description In the form that was asked with. */
            container_id: string;
            image_name: string;
            line: string;
            log_id: string;
            /** @description `stream_container_logs`. */
            operation_type: string;
            /** @description `running`. */
            status: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description Server: `docker_log_complete`, when a stream ends. */
        DockerLogComplete: {
            /** Format: int32 */
            config_id: number;
            container_id: string;
            error?: string;
            image_name: string;
            log_id: string;
            /** @description `stream_container_logs`. */
            operation_type: string;
            /** @description `completed` or `failed`. */
            status: string;
            /** @description In batch mode only. */
            subscription?: string;
            success: boolean;
            /** Format: date-time */
            timestamp: string;
        };
        Engine: {
            api_version: string | null;
            /** @description Where it was reached: `unix:///var/run/docker.sock`. */
            endpoint: string | null;
            /** @description Why it is lost. */
            error: string | null;
            name: string;
            /**
             * Format: date-time
             * @description Since when it is lost.
             */
            since: string | null;
            /** @enum {string} */
            status: "connecting" | "connected" | "lost";
            /** @description What the last round of tries met; empty when connected. */
            tried: components["schemas"]["Tried"][];
            version: string | null;
        };
        EnvironmentVariable: {
            name: string;
            secret: boolean;
            /** @description `null` when it looks like a secret: those are not sent to anybody. */
            value: string | null;
        };
        /** @description Records known to be missing, in their place. */
        Gap: {
            container_id: string;
            /** @description Cursor of the first number that is missing. */
            from: string;
            /**
             * Format: int64
             * @description How many records; `null` when nobody can know.
             */
            missed: number | null;
            /** @description A stable word: `rotated-away`, `damaged`, … */
            reason: string;
            /** Format: date-time */
            since: string | null;
            /** @description Cursor of the last number that is missing: reading goes on after it. */
            to: string;
            /** Format: date-time */
            until: string | null;
        };
        /** @description A gap among records. */
        GapRow: {
            gap: components["schemas"]["Gap"];
        };
        HealthCheck: {
            /** Format: int64 */
            failing_streak: number;
            /**
             * Format: int64
             * @description How many results of its last runs the engine keeps.
             */
            results: number;
            /** @description `starting`, `healthy`, `unhealthy`. */
            status: string;
        };
        Held: {
            /**
             * Format: int64
             * @description Of all bodies.
             */
            bytes: number;
            /**
             * Format: int64
             * @description The store's files.
             */
            file_bytes: number;
            /**
             * Format: int64
             * @description What the limit on size looks at: `stored_bytes` and the journal of the newest lines.
             */
            limited_bytes: number;
            /** Format: int64 */
            logs: number;
            /** Format: date-time */
            oldest: string | null;
            /** Format: int64 */
            records: number;
            /**
             * Format: int64
             * @description What is stored of them, compressed; the newest lines are not in it yet.
             */
            stored_bytes: number;
        };
        /** @description What is held of one container. */
        HeldLog: {
            /** Format: int64 */
            bytes: number;
            container_id: string;
            engine: string;
            /** Format: date-time */
            first_timestamp: string | null;
            /** Format: date-time */
            last_timestamp: string | null;
            name: string;
            own: components["schemas"]["OwnLimits"] | null;
            /** @description `false` when the engine no longer has the container. */
            present: boolean;
            /** Format: int64 */
            records: number;
            service: string | null;
            stack: string | null;
            /** Format: int64 */
            stored_bytes: number;
        };
        /** @description Groups of a service's lines whose first line the query finds are not shown, unless asked for. */
        HideRule: {
            /** Format: date-time */
            created: string | null;
            /**
             * @description Whose views a rule is for; `label`: everyone's, by the containers' label `miniman.hide`.
             * @enum {string}
             */
            for: "me" | "everyone" | "label";
            /**
             * Format: int64
             * @description `null` for one of a container's label: it goes when the label does.
             */
            id: number | null;
            /** @example "GET /healthz" */
            query: string;
            /** @description Whether the asker may remove it. */
            removable: boolean;
            /** @description A container's own name where it is of no service. */
            service: string;
            stack: string | null;
            /** @description Who made it; `null` for a label. */
            who: string | null;
        };
        /** @description `POST /hide-rules`. */
        HideRuleBody: {
            /** @description For everyone's views; admins. Otherwise for the asker's. */
            everyone?: boolean;
            /**
             * @description In the query language; at most 1,024 bytes.
             * @example "GET /healthz" level:info
             */
            query: string;
            /** @description A service, or a container's own name where it is of none. */
            service: string;
            /** @description The stack; `null` or left out for a container of none. */
            stack?: string | null;
        };
        /** @description `GET /hide-rules`. */
        HideRules: {
            /** @description By stack and service. */
            rules: components["schemas"]["HideRule"][];
        };
        /** @description Records of one span of time, by severity. */
        HistogramBucket: {
            /** Format: int64 */
            debug: number;
            /** Format: int64 */
            error: number;
            /** Format: int64 */
            fatal: number;
            /** Format: int64 */
            info: number;
            /**
             * Format: int64
             * @description Lines that name no severity.
             */
            none: number;
            /** @example 2026-11-21T14:02:00.000000000Z */
            start: string;
            /** Format: int64 */
            trace: number;
            /** Format: int64 */
            warn: number;
        };
        LastError: {
            cursor: string;
            /** @description The beginning of the line. */
            text: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description `null`: not limited. */
        Limits: {
            /** Format: double */
            cpu_cores: number | null;
            /** Format: int64 */
            memory_bytes: number | null;
            /** Format: int64 */
            memory_reserved_bytes: number | null;
            /**
             * Format: int64
             * @description Memory and swap together.
             */
            memory_swap_bytes: number | null;
            /** Format: int64 */
            processes: number | null;
        };
        /** @description Client: `log_ack`. Cumulative: everything up to the cursor has arrived. */
        LogAck: {
            cursor: string;
            subscription: string;
        };
        /** @description Server: `log_batch`. */
        LogBatch: {
            /** @description Cursor of the first record. */
            first: string;
            /** @description Where reading goes on; of a merged view a position in each log. It is what `log_ack` acknowledges. */
            last: string;
            records: components["schemas"]["Record"][];
            subscription: string;
        };
        /** @description Server: `log_gap`. */
        LogGap: {
            container_id: string;
            from: string;
            /** Format: int64 */
            missed: number | null;
            reason: string;
            /** Format: date-time */
            since: string | null;
            subscription: string;
            to: string;
            /** Format: date-time */
            until: string | null;
        };
        /** @description `GET /logs/histogram`. */
        LogHistogram: {
            /**
             * Format: int64
             * @description Milliseconds that each bucket spans.
             */
            bucket_ms: number;
            /** @description By rising time, without holes. */
            buckets: components["schemas"]["HistogramBucket"][];
            /**
             * Format: int64
             * @description Records in all buckets.
             */
            records: number;
            /**
             * Format: int64
             * @description Records that were searched; of a search only.
             */
            scanned?: number | null;
            /**
             * Format: date-time
             * @description From when on was counted: as asked for, else the first record's time.
             */
            since: string;
            /**
             * Format: date-time
             * @description Until when, inclusive: as asked for, else the last record's time.
             */
            until: string;
        };
        /** @description Server: `log_mark`. */
        LogMark: {
            mark: components["schemas"]["Mark"];
            subscription: string;
        };
        /** @description `GET /logs` as JSON. */
        LogPage: {
            /**
             * @description Where the next page goes on: `after` it in ascending order, `before` it in descending order. `null` when
             *     there is nothing older; in ascending order it is always there once something was read, so that a script can
             *     ask again later.
             * @example 12:345,13:-7
             */
            next: string | null;
            records: components["schemas"]["Row"][];
            summary?: components["schemas"]["Summary"] | null;
        };
        /** @description What a login sends. */
        LoginBody: {
            password: string;
            username: string;
        };
        /** @description How one can log in, besides with name and password. */
        LoginWays: {
            /** @description At an OpenID Connect provider: `GET /api/v1/oidc/login?next=/…` leads there. */
            oidc: boolean;
        };
        /** @description Less than the reserve is free: for each new block of lines an old one goes. */
        LowDisk: {
            /**
             * Format: int64
             * @description Free pages of the store's own file included.
             */
            free_bytes: number;
            /** Format: date-time */
            since: string;
        };
        Mark: {
            /** @description Cursor of the last record that stood in the log when it happened. */
            after: string;
            container_id: string;
            /** @description What the kind brings along: `{"exit_code":137,"oom_killed":true}`. */
            detail: Record<string, never>;
            /** @description A stable word: `started`, `exited`, `oom`, `restarted-by-policy`, `health`, `renamed`, `operation`, … */
            kind: string;
            name: string;
            /** @description The mark in words: `worker exited 137 (out of memory)`. */
            text: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description `GET /marks`. */
        Marks: {
            /** @description Oldest first. */
            marks: components["schemas"]["Mark"][];
        };
        /** @description The asker, as the page needs to know them. */
        Me: {
            /**
             * @description Of `see_logs`, `see_details`, `see_environment`, `act`, `kill`, `remove`, `export`, `manage`: what the asker may do
             *     now.
             */
            permissions: string[];
            /** @description `viewer`, `operator`, `admin` or an own role. */
            role: string;
            /** @description What the asker's sight is limited to: each list has to have a pattern that fits. Empty without a limit. */
            scopes: string[][];
            /** @description RFC 3339; null for a token without an end. */
            session_expires_at?: string | null;
            username: string;
        };
        Mount: {
            destination: string;
            /** @description `bind`, `volume`, `tmpfs`. */
            kind: string;
            read_only: boolean;
            /** @description The volume's name, or the path on the engine's machine. */
            source: string;
        };
        /** @description `POST /tokens`. */
        NewToken: {
            /** @description A duration from now (`30d`) or a time; null or left out: until it is revoked. */
            expires?: string | null;
            name: string;
            role: string;
            scope?: string[];
        };
        /** @description `POST /users`. */
        NewUser: {
            name: string;
            /** @description 8 characters or more. */
            password: string;
            role: string;
            /** @description Patterns as in `local/stack:shop`; empty or left out without a limit. */
            scope?: string[];
        };
        Operation: {
            /** @description `start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `remove`. */
            action: string;
            /** Format: date-time */
            finished_at: string | null;
            /** Format: int64 */
            id: number;
            outcome: ("pending" | "succeeded" | "failed" | "unknown") & Record<string, never>;
            /** Format: date-time */
            started_at: string;
            targets: components["schemas"]["Target"][];
            /** @description The user's name as it was; ` (token NAME)` behind it when a program asked. */
            who: string;
        };
        /** @description `GET /operations`. */
        Operations: {
            /** @description Newest first. */
            operations: components["schemas"]["Operation"][];
        };
        /** @description The age counts instead of that of all logs, the size beside it. */
        OwnLimits: {
            /** Format: int64 */
            bytes: number | null;
            /** @description In the words of `--retention`. */
            limit: string;
            /** Format: int64 */
            seconds: number | null;
        };
        PasswordBody: {
            new_password: string;
            /** @description The one that holds now. */
            password: string;
        };
        /**
         * @description What may be allowed: `see_logs` (that a container exists, its state and log), `see_details` (mounts, networks,
         *     limits), `see_environment` (secrets masked), `act` (start, stop, restart, pause, unpause), `kill`, `remove`, `export`
         *     (downloads), `manage` (settings, users, roles).
         * @enum {string}
         */
        PermissionWord: "see_logs" | "see_details" | "see_environment" | "act" | "kill" | "remove" | "export" | "manage";
        /** @description What a role is to allow. */
        PermissionsBody: {
            permissions: components["schemas"]["PermissionWord"][];
        };
        Port: {
            ip: string | null;
            /** Format: int32 */
            private_port: number;
            protocol: string;
            /** Format: int32 */
            public_port: number | null;
        };
        /** @description What went wrong, as RFC 9457 has it. */
        Problem: {
            code: string;
            detail: string;
            /** Format: int32 */
            status: number;
            title: string;
            type: string;
        };
        /** @description One line of a container's output. */
        Record: {
            /** @description The line without its newline. Raw: it may hold terminal escapes and anything that looks like markup. */
            body: string;
            container_id: string;
            /** @description `true` of a line that stands near a match and is none; absent else. */
            context?: boolean;
            /**
             * @description The record's place: `<log>:<seq>`. Reading `after` it goes on with the next one.
             * @example 12:345
             */
            cursor: string;
            /**
             * Format: int64
             * @description Bytes that the line cap cut from the end; absent when it cut nothing.
             */
            cut?: number;
            /** @enum {string} */
            iostream: "stdout" | "stderr";
            /**
             * Format: int64
             * @description Rises by one a line; lines that were there before MiniMan first saw the container count down from -1.
             */
            seq: number;
            /**
             * Format: int32
             * @description OpenTelemetry's number: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0 when the
             *     line names none.
             */
            severity: number;
            /**
             * Format: date-time
             * @description The line's own time. Inside a log `seq` orders, never this.
             * @example 2026-11-21T14:02:07.113000000Z
             */
            timestamp: string;
        };
        RestartPolicy: {
            /** @description `no`, `always`, `unless-stopped`, `on-failure`. */
            name: string;
            /**
             * Format: int64
             * @description Of `on-failure`; 0 is without end.
             */
            retries_max: number;
        };
        /** @description `GET /settings/retention`. */
        Retention: {
            disk: components["schemas"]["Disk"];
            held: components["schemas"]["Held"];
            limits: components["schemas"]["RetentionLimits"];
            /** @description Those that take most first; 1,000 at most. */
            logs: components["schemas"]["HeldLog"][];
            /**
             * Format: int64
             * @description How many logs are left out of `logs`.
             */
            logs_omitted: number;
            /** @description What went for being too old or too much, since MiniMan was started. */
            taken: components["schemas"]["Taken"];
            /** @description What of it went before its time because the disk is full. */
            taken_early: components["schemas"]["Taken"];
        };
        /** @description What `PUT /settings/retention` takes. */
        RetentionBody: {
            /**
             * @description An age, a size or both, as `--retention` has them: `30d`, `2GB`, `30d,2GB`. What is left out is as by default.
             *     `null` goes back to the configuration's.
             */
            limit: string | null;
        };
        /** @description What a change does, or would do. */
        RetentionChange: {
            /** @description `false` with `dry_run`. */
            applied: boolean;
            /** @description As they are then. */
            limits: components["schemas"]["RetentionLimits"];
            /** @description What goes of what is stored now, in the seconds after the change. */
            takes: components["schemas"]["WouldTake"];
        };
        /** @description The limits that hold for all logs together. */
        RetentionLimits: {
            age: components["schemas"]["AgeLimit"];
            /**
             * @description What `--retention`, its variable or the configuration file says, which holds when nothing is set here; `null`
             *     when they say nothing.
             */
            configured: string | null;
            /** @description Both in the words of `--retention`: `30d,2GB`. */
            limit: string;
            setting: components["schemas"]["RetentionSetting"] | null;
            size: components["schemas"]["SizeLimit"];
        };
        RetentionSetting: {
            /** Format: date-time */
            at: string;
            /** @description `null`: back to the configuration's. */
            limit: string | null;
            who: string;
        };
        /** @description A set of permissions with a name. */
        Role: {
            /** @description `viewer`, `operator` and `admin` are, and can't be changed. */
            built_in: boolean;
            name: string;
            permissions: components["schemas"]["PermissionWord"][];
        };
        /** @description A role to be made. */
        RoleBody: {
            /** @description 1 to 64 of `a-z 0-9 . _ -`. */
            name: string;
            permissions: components["schemas"]["PermissionWord"][];
        };
        Roles: {
            /** @description The built-in ones first. Those that allow no more than the asker has; all of them for who manages. */
            roles: components["schemas"]["Role"][];
        };
        /** @description A row of an answer: a record, or a gap in its place. */
        Row: components["schemas"]["Record"] | components["schemas"]["GapRow"] | components["schemas"]["SummaryRow"];
        /** @description A view that somebody comes back to. */
        SavedSearch: {
            /** Format: date-time */
            created: string;
            /** Format: int64 */
            id: number;
            /** @description Whether it is the asker's own. */
            mine: boolean;
            name: string;
            /**
             * @description What stands behind `/logs?` in the page's address: selectors, `filter`, `find`, `since`, `until`, `columns`.
             * @example stack=shop&filter=level%3Aerror
             */
            query: string;
            /** @description Whether the asker may remove it. */
            removable: boolean;
            /** @description Everyone sees it who sees something of what it selects. */
            shared: boolean;
            /** @description Who saved it. */
            who: string;
        };
        /** @description `POST /searches`. */
        SavedSearchBody: {
            /** @description One of the asker's own; at most 100 characters. */
            name: string;
            /** @description As in the page's address, behind `/logs?`; at most 8,192 bytes. */
            query: string;
            /** @description For everyone; operators and admins. */
            shared?: boolean;
        };
        /** @description `GET /searches`. */
        SavedSearches: {
            /** @description The asker's own and shared ones, by name. */
            searches: components["schemas"]["SavedSearch"][];
        };
        Service: {
            /** @description Full ids, by replica number. */
            containers: string[];
            name: string;
        };
        Session: {
            /** @description Where the login came from. */
            address: string;
            /** @description What the browser called itself at the login. */
            browser: string;
            /** Format: date-time */
            created_at: string;
            /** @description The one that asks. */
            current: boolean;
            /** Format: date-time */
            expires_at: string;
            /** Format: int64 */
            id: number;
            /**
             * Format: date-time
             * @description To the minute.
             */
            last_seen_at: string;
        };
        /** @description `GET /sessions`. */
        Sessions: {
            sessions: components["schemas"]["Session"][];
        };
        /** @description What the setup page sends: the token is the link's fragment. */
        SetupBody: {
            password: string;
            token: string;
            username: string;
        };
        SizeLimit: {
            /**
             * Format: int64
             * @description Compressed, as in `held.limited_bytes`.
             */
            bytes: number;
            /** @description In words: `2GB`. */
            limit: string;
            /**
             * @description MiniMan's own default, the configuration (option, variable or file), or set here.
             * @enum {string}
             */
            source: "default" | "configuration" | "setting";
        };
        Stack: {
            /** @description How many containers the engine has of it. */
            containers: number;
            engine: string;
            /**
             * Format: int32
             * @description `config_id` in the logs page's URL.
             */
            id: number;
            name: string;
            running: number;
            services: components["schemas"]["Service"][];
        };
        /** @description `GET /stacks`. */
        Stacks: {
            stacks: components["schemas"]["Stack"][];
        };
        /** @description Server: `status`. */
        StatusMessage: {
            msg: string;
        };
        /**
         * @description Client: `stream_container_logs`. Seed-style with `container_id` and `room`; with `batch` the answer is the
         *     acknowledgement `{subscription}` or `{error:{code,detail}}`, and then `log_batch`, `log_gap` and `log_mark` events.
         */
        StreamContainerLogs: {
            /** @description A cursor: goes on behind it. */
            after?: string;
            batch?: boolean;
            container?: string[];
            /** @description Full id, unique prefix or name. */
            container_id?: string;
            engine?: string[];
            /** @description Leaves out what hide rules of the asker and of everyone hide; `tail` does not count it. */
            hide?: boolean;
            /** @description Only lines that this query finds; `tail` counts these. */
            query?: string;
            room?: string;
            service?: string[];
            stack?: string[];
            /** @description The client's choice, at most 64 bytes. */
            subscription?: string;
            /**
             * Format: int64
             * @description Starts so many records before the end.
             */
            tail?: number;
        };
        /** @description What a search came to. */
        Summary: {
            /** Format: int64 */
            elapsed_ms: number;
            /**
             * Format: int64
             * @description Records that the answer holds: those that match, and the others of their groups.
             */
            matched: number;
            /**
             * Format: int64
             * @description Records that were searched, those among them that an index ruled out unread.
             */
            scanned: number;
            /**
             * Format: int64
             * @description Records that name no level and were left out, where the query or `severity` asks for levels; else 0.
             */
            unspecified: number;
        };
        /** @description The last row of a search. */
        SummaryRow: {
            summary: components["schemas"]["Summary"];
        };
        Taken: {
            /** Format: int64 */
            bytes: number;
            /** Format: int64 */
            records: number;
            /** Format: int64 */
            stored_bytes: number;
        };
        Target: {
            container_id: string;
            error: string | null;
            /** Format: date-time */
            finished_at: string | null;
            name: string;
            /** @enum {string} */
            outcome: "pending" | "succeeded" | "failed" | "unknown";
        };
        Token: {
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description From then on it does not work; null: until it is revoked.
             */
            expires_at: string | null;
            /** Format: int64 */
            id: number;
            /**
             * Format: date-time
             * @description To the minute.
             */
            last_used_at: string | null;
            /** @description Whether it is the asker's. */
            mine: boolean;
            name: string;
            /** @description At most this, and at most what its owner may now. */
            role: string;
            /** @description What its sight is limited to within its owner's; empty without a limit of its own. */
            scope: string[];
            /** @description Whose it is. */
            username: string;
        };
        /** @description `GET /tokens`. */
        Tokens: {
            tokens: components["schemas"]["Token"][];
        };
        /** @description One endpoint that did not answer. */
        Tried: {
            endpoint: string;
            error: string;
            /** @description What named it: `DOCKER_HOST`, a context, the default socket. */
            source: string;
        };
        User: {
            /** Format: date-time */
            created_at: string;
            /** @description May not log in, and tokens don't work. */
            disabled: boolean;
            /** Format: int64 */
            id: number;
            /**
             * Format: date-time
             * @description When a session of theirs was used last, as far as one is left; to the minute.
             */
            last_seen_at: string | null;
            name: string;
            /** @description `viewer`, `operator`, `admin` or an own role. */
            role: string;
            /** @description What the user's sight is limited to; empty without a limit. */
            scope: string[];
            tokens: number;
        };
        /** @description `PUT /users/{id}`: what is left out stays. */
        UserChange: {
            disabled?: boolean | null;
            /** @description A new password. */
            password?: string | null;
            role?: string | null;
            /** @description Empty: without a limit. */
            scope?: string[] | null;
        };
        /** @description `GET /users`. */
        Users: {
            users: components["schemas"]["User"][];
        };
        WouldTake: {
            /** Format: int64 */
            bytes: number;
            /**
             * Format: int64
             * @description How many logs it is taken of.
             */
            logs: number;
            /** Format: int64 */
            records: number;
            /** Format: int64 */
            stored_bytes: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    audit: {
        parameters: {
            query?: {
                /** @description Stands somewhere in a row: a name, an address, a part of either. ASCII case aside. */
                text?: string;
                /** @description `login`, `user.add`; `user` for all that begin with `user.`. */
                action?: string;
                /** @description `asked`, `succeeded`, `failed` or `refused`. */
                outcome?: string;
                /** @description A time, or a duration before now. */
                since?: string;
                until?: string;
                /** @description Only rows with an id below this: where the last page ended. */
                before?: number;
                /** @description How many; 100 unless told, 1,000 at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For whoever manages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audit"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    containers: {
        parameters: {
            query?: {
                /**
                 * @description Only those that a scope of these patterns includes, as in `local/stack:shop`; repeatable. By label only for who
                 *     sees the environment.
                 */
                scope?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those that are gone but still stored included */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Containers"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    containers_stats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those that do not run are left out */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContainersStats"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    container: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Full id, unique prefix (four digits or more) or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The container */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Container"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_container: {
        parameters: {
            query?: {
                /** @description `false` answers 202 at once, with the operation as it starts. */
                wait?: boolean;
            };
            header?: never;
            path: {
                /** @description Full id, unique prefix (four digits or more) or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description It began */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    container_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Full id, unique prefix (four digits or more) or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As the engine has it now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContainerDetails"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    act_on_container: {
        parameters: {
            query?: {
                /** @description `false` answers 202 at once, with the operation as it starts. */
                wait?: boolean;
            };
            header?: never;
            path: {
                /** @description Full id, unique prefix (four digits or more) or name */
                id: string;
                /** @description `start`, `stop`, `restart`, `kill`, `pause` or `unpause` */
                action: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description It began */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hide_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By stack and service */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HideRules"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_hide_rule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HideRuleBody"];
            };
        };
        responses: {
            /** @description The rule */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HideRule"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_hide_rule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login_ways: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the login page offers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginWays"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            /** @description Logged in; the session cookie is set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `throttled`: too many tries; `Retry-After` says when to go on. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Logged out; the cookie is cleared */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logs: {
        parameters: {
            query?: {
                /** @description Full id, unique prefix (four digits or more) or name. Repeat it for several. */
                container?: string[];
                /** @description A stack's name or its id. */
                stack?: string[];
                service?: string[];
                engine?: string[];
                /**
                 * @description Only lines that this query finds: words, `"a phrase"`, `/regex/`, `-not`, `OR`, `( )`, `field:value`,
                 *     `level:>=warn`, `stream:stderr`. An answer as NDJSON then ends with `{"summary":{…}}`.
                 * @example timeout -cache
                 */
                query?: string;
                /**
                 * @description `trace`, `debug`, `info`, `warn`, `error`, `fatal`, `none` (the line names none), a number from 0 to 24, or
                 *     `>=` before one of them. Repeatable, or separated by commas.
                 * @example error,fatal
                 */
                severity?: string[];
                /** @description `stdout` or `stderr`. */
                iostream?: string[];
                /**
                 * @description From the first record at or after this time (RFC 3339, or `15m` for that long ago). Or from a point in each container's
                 *     life: `start` (its present run), `restart` (the last restart of any of them), `deploy` (its service's last recreate).
                 */
                since?: string;
                /** @description Up to, and without, the first record at or after this time. */
                until?: string;
                /** @description A cursor: only what comes behind it. */
                after?: string;
                /** @description A cursor: only what stands before it. */
                before?: string;
                /** @description `asc` (default) or `desc`. */
                order?: string;
                /** @description At most this many records. Without it: all, streamed. */
                limit?: number;
                /** @description Only the last so many records, in ascending order. */
                tail?: number;
                /**
                 * @description So many lines before and behind each line that `query` finds, of the same container; up to 1,000. They have
                 *     `"context":true`.
                 */
                context?: number;
                /** @description Leaves out what [hide rules](#tag/hide-rules) of the asker and of everyone hide. */
                hide?: boolean;
                /** @description `first`: of each group that `query` finds only the first line that matches; `whole` (default). */
                groups?: string;
                /** @description Goes on with what comes in, until the client leaves. */
                follow?: boolean;
                /** @description `ndjson`, `json`, `text` or `csv`, for where an `Accept` header cannot be sent. */
                format?: string;
                /** @description In text: the time before each line. */
                timestamps?: boolean;
                /** @description Answers as a file to be saved. */
                download?: boolean;
                /** @description `gzip` or `zstd`: what is answered is a packed file. */
                compress?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records, one row a line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["Row"];
                    "application/json": components["schemas"]["LogPage"];
                    "text/plain": string;
                    "text/csv": string;
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    histogram: {
        parameters: {
            query?: {
                /** @description As in `GET /logs`, and so are all others but `buckets`. */
                container?: string[];
                stack?: string[];
                service?: string[];
                engine?: string[];
                query?: string;
                severity?: string[];
                iostream?: string[];
                since?: string;
                until?: string;
                after?: string;
                before?: string;
                groups?: string;
                /** @description At most this many buckets (60, up to 2,000); their width is a round one. */
                buckets?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Buckets by rising time, empty ones too */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogHistogram"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    marks: {
        parameters: {
            query?: {
                /** @description Full id, unique prefix (four digits or more) or name. Repeat it for several. */
                container?: string[];
                /** @description A stack's name or its id. */
                stack?: string[];
                service?: string[];
                engine?: string[];
                /** @description From this time on (RFC 3339, or `15m` for that long ago). */
                since?: string;
                /** @description Before this time. */
                until?: string;
                /** @description The newest so many; 1,000 unless told, 10,000 at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Marks"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The asker */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmBody"];
            };
        };
        responses: {
            /** @description Confirmed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `throttled`: too many tries; `Retry-After` says when to go on. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordBody"];
            };
        };
        responses: {
            /** @description Changed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `throttled`: too many tries; `Retry-After` says when to go on. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_callback: {
        parameters: {
            query?: {
                /** @description The provider's */
                code?: string;
                /** @description The one that was sent there */
                state?: string;
                /** @description Why it said no */
                error?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Logged in and on to `next`, or to the login page with what went wrong */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_login: {
        parameters: {
            query?: {
                /** @description Own path to go to afterwards: `/logs?container=web` */
                next?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider, or to the login page with what went wrong */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations: {
        parameters: {
            query?: {
                /** @description Only operations with an id below this: where the last page ended. */
                before?: number;
                /** @description How many; 100 unless told, 1,000 at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Operations on containers that the asker may see */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operations"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    roles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those that the asker may give, to tokens or users */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Roles"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_role: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleBody"];
            };
        };
        responses: {
            /** @description The role */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PermissionsBody"];
            };
        };
        responses: {
            /** @description The role */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    searches: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shared ones where the asker sees what they select */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearches"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    save_search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedSearchBody"];
            };
        };
        responses: {
            /** @description The search */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSearch"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_search: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_other_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For admins */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retention"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_retention: {
        parameters: {
            query?: {
                /** @description `true` changes nothing and only tells what would go. */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionBody"];
            };
        };
        responses: {
            /** @description What holds now, or would with `dry_run`, and what goes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionChange"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_retention: {
        parameters: {
            query?: {
                /** @description `true` changes nothing and only tells what would go. */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What holds now, or would with `dry_run`, and what goes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionChange"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupBody"];
            };
        };
        responses: {
            /** @description Logged in; the session cookie is set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `throttled`: too many tries; `Retry-After` says when to go on. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stacks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By engine and name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stacks"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    act_on_service: {
        parameters: {
            query?: {
                /** @description `false` answers 202 at once, with the operation as it starts. */
                wait?: boolean;
            };
            header?: never;
            path: {
                /** @description The stack's id */
                id: number;
                service: string;
                /** @description `start`, `stop`, `restart`, `kill`, `pause` or `unpause` */
                action: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description It began */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    act_on_stack: {
        parameters: {
            query?: {
                /** @description `false` answers 202 at once, with the operation as it starts. */
                wait?: boolean;
            };
            header?: never;
            path: {
                /** @description The stack's id */
                id: number;
                /** @description `start`, `stop`, `restart`, `kill`, `pause` or `unpause` */
                action: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description It began */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: too much at once, or history is still being read. `engine_unavailable`: the engine is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first, also those that have expired */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first; for whoever manages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Users"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Added */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description `bad_request`: a parameter is unknown or wrong; `detail` says which and what it has to be. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `forbidden`: a permission is missing, MiniMan is read-only, or it is MiniMan's own container. Before the
             *     first admin exists: `setup_required`. `confirmation_required`: the session's password was not given for a while;
             *     `wrong_password`: it was not the right one.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: it does not exist, or is not the asker's to see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `ambiguous`: a name or prefix fits several containers. `conflict`: the state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ok` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus' text format */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description `unauthenticated`: no valid session cookie or token came along. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ok` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
}
