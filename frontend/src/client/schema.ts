/** Generated from the OpenAPI schema by `npm run client`; not edited by hand. */

export interface paths {
    "/api/alarm-rules/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The alarm rules that the caller sees, with their thresholds, such as for the lines of a chart. */
        get: operations["alarm_rules_list"];
        put?: never;
        /** @description Create an alarm rule of a datapoint. Which thresholds it takes depends on its kind. */
        post: operations["alarm_rules_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/alarm-rules/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One alarm rule. */
        get: operations["alarm_rules_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the rule with its history. */
        delete: operations["alarm_rules_destroy"];
        options?: never;
        head?: never;
        /** @description Change the rule. Other thresholds hold from now on; an alarm that is on stays on as long as they let it. */
        patch: operations["alarm_rules_partial_update"];
        trace?: never;
    };
    "/api/alarms/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The alarms that the caller sees, on and over, the latest first. */
        get: operations["alarms_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/alarms/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One alarm. */
        get: operations["alarms_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/alarms/{id}/acknowledge/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Say that one knows of the alarm and looks after it; who said so first is remembered. */
        post: operations["alarms_acknowledge_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/api-keys/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The caller's own keys, newest first, without their secrets. */
        get: operations["api_keys_list"];
        put?: never;
        /** @description Make a key; it is shown in this answer and never again. */
        post: operations["api_keys_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/api-keys/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One key, without its secret. */
        get: operations["api_keys_retrieve"];
        put?: never;
        post?: never;
        /** @description Make the key useless. */
        delete: operations["api_keys_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What was done, the latest first: in the organizations that the caller administers, and by himself. */
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * @description Exchange address and password for a pair of tokens.
         *
         *     Where a second factor is on, the answer is 401 `second_factor_required` with the `challenge` for the next step.
         */
        post: operations["auth_login_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login/second-factor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Exchange the challenge of `login` and a code of the app, or a recovery code, for a pair of tokens. */
        post: operations["auth_login_second_factor_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description End the sign-in to which the refresh token belongs; its access tokens end too. */
        post: operations["auth_logout_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password/change/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Change the caller's password; he stays signed in only here. */
        post: operations["auth_password_change_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password/reset/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Have a link for a new password mailed, if there is such an account; the answer is the same if not. */
        post: operations["auth_password_reset_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password/reset/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Set the password by the token of a mail; everybody who is signed in to the account is signed out. */
        post: operations["auth_password_reset_confirm_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Exchange a refresh token for a new pair. A token that was used before revokes all of its sign-in. */
        post: operations["auth_refresh_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/register/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Create an account, joining an organization if an invite code is given. */
        post: operations["auth_register_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Whether the caller's second factor is on. */
        get: operations["auth_second_factor_retrieve"];
        put?: never;
        /** @description Begin: the answer is what an app has to know. Nothing changes until a code is confirmed. */
        post: operations["auth_second_factor_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Switch the second factor on by a first code; the answer is the recovery codes. */
        post: operations["auth_second_factor_confirm_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/disable/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Switch the second factor off. */
        post: operations["auth_second_factor_disable_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/recovery-codes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Make new recovery codes; the old ones end. */
        post: operations["auth_second_factor_recovery_codes_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/verify-email/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Verify an e-mail address by the token that was mailed to it. */
        post: operations["auth_verify_email_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/verify-email/resend/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Have the link for the caller's address mailed again, unless it is verified. */
        post: operations["auth_verify_email_resend_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configurations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The configuration documents that the caller sees, without their text. */
        get: operations["configurations_list"];
        put?: never;
        /** @description Store a JSON document of at most 256 KiB and 32 levels for a project or an object. */
        post: operations["configurations_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configurations/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One configuration with its document. */
        get: operations["configurations_retrieve"];
        /** @description Replace the whole document, and its name where one is given. */
        put: operations["configurations_update"];
        post?: never;
        /** @description Delete the configuration with all its versions. */
        delete: operations["configurations_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configurations/{id}/sections/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What stands in one section, with the document's `ETag`. One slash at the end does not count. */
        get: operations["configurations_sections_retrieve"];
        /** @description Put a value there and touch nothing else. The last key may be new; `-` appends to a list. */
        put: operations["configurations_sections_update"];
        post?: never;
        /** @description Take the section out of the document. */
        delete: operations["configurations_sections_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configurations/{id}/versions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The latest versions, who made them and when, the newest first. */
        get: operations["configurations_versions_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configurations/{id}/versions/{number}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One version with its document. */
        get: operations["configurations_versions_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configurations/{id}/versions/{number}/restore/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Make this version's document the current one again, as a new version. */
        post: operations["configurations_versions_restore_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The datapoints that the caller sees, each with its newest value. */
        get: operations["datapoints_list"];
        put?: never;
        /** @description Create a datapoint of a project or of one object of it. */
        post: operations["datapoints_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One datapoint with its newest value. */
        get: operations["datapoints_retrieve"];
        put?: never;
        /** @description Tell more about a datapoint: its name, since when and where it is, unit, description and tags. */
        post: operations["datapoints_describe"];
        /** @description Delete the datapoint with all its samples. */
        delete: operations["datapoints_destroy"];
        options?: never;
        head?: never;
        /** @description Change key, name, unit, description or tags. */
        patch: operations["datapoints_partial_update"];
        trace?: never;
    };
    "/api/datapoints/{id}/aggregates/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Buckets of [start, end): quarters of an hour up to years, as they are in the asked zone. */
        get: operations["datapoints_aggregates_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/{id}/retention/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description How long measurements of the datapoint are kept. */
        get: operations["datapoints_retention_retrieve"];
        /** @description Keep measurements of the datapoint so long. The sealer forgets what is due within minutes. */
        put: operations["datapoints_retention_update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/{id}/sources/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The newest samples in [start, end), the latest first, each with the datasource that sent it. */
        get: operations["datapoints_sources_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/{id}/timeseries/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The samples in [start, end): a page at a time as JSON, all of them as CSV or NDJSON. */
        get: operations["datapoints_timeseries_retrieve"];
        put?: never;
        /** @description Store samples: one, or a list; all of them or, where one is not right, none. Safe to repeat. */
        post: operations["datapoints_timeseries_create"];
        /** @description Delete the samples in [start, end) that are there now. One of both may be missing, not both. */
        delete: operations["datapoints_timeseries_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/bulk/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Create or change up to a thousand datapoints: all of them or, where one is not right, none. */
        post: operations["datapoints_bulk_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datapoints/ids/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The ids of all datapoints that the caller sees, in order, without pages. */
        get: operations["datapoints_ids_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The datasources that the caller sees. */
        get: operations["datasources_list"];
        put?: never;
        /** @description Create a datasource; the answer holds its secret, this once. */
        post: operations["datasources_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One datasource. */
        get: operations["datasources_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the datasource and cut its connections; its samples stay. */
        delete: operations["datasources_destroy"];
        options?: never;
        head?: never;
        /** @description Change name, expiry or what it may; disabling cuts its connections. */
        patch: operations["datasources_partial_update"];
        trace?: never;
    };
    "/api/datasources/{id}/dead-letters/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Messages that could not be stored, with the reasons, the latest first. */
        get: operations["datasources_dead_letters_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{id}/mapping/try/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description What a message of this topic would become; nothing is stored. */
        post: operations["datasources_mapping_try_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{id}/refused/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Topics that the datasource used without the right, the latest first. */
        get: operations["datasources_refused_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{id}/rights/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What the datasource may publish and read. */
        get: operations["datasources_rights_retrieve"];
        /** @description Replace all rights; a change cuts open connections, which come back with the new rights. */
        put: operations["datasources_rights_update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{id}/rotate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Replace the secret, which cuts connections made with the old one. */
        post: operations["datasources_rotate_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/objects/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One object. */
        get: operations["objects_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the object with everything in it. */
        delete: operations["objects_destroy"];
        options?: never;
        head?: never;
        /** @description Change name or description. */
        patch: operations["objects_partial_update"];
        trace?: never;
    };
    "/api/organizations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The organizations to which the caller belongs. */
        get: operations["organizations_list"];
        put?: never;
        /** @description Create an organization and become its admin. */
        post: operations["organizations_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One organization. */
        get: operations["organizations_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the organization with everything in it. */
        delete: operations["organizations_destroy"];
        options?: never;
        head?: never;
        /** @description Change name or language. */
        patch: operations["organizations_partial_update"];
        trace?: never;
    };
    "/api/organizations/{id}/invites/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The organization's invites, newest first, without their codes. */
        get: operations["organizations_invites_list"];
        put?: never;
        /** @description Make an invite code; it is shown in this answer and never again. */
        post: operations["organizations_invites_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/invites/{invite_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** @description Make the code useless. */
        delete: operations["organizations_invites_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/invites/{invite_id}/rotate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Replace the code by a new one; the old one stops working. */
        post: operations["organizations_invites_rotate_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/members/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The organization's members with their roles in it. */
        get: operations["organizations_members_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/members/{user_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** @description Take all roles in the organization from a member; everybody may leave by himself. */
        delete: operations["organizations_members_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/teams/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The organization's teams. */
        get: operations["organizations_teams_list"];
        put?: never;
        /** @description Create a team of members. */
        post: operations["organizations_teams_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{id}/teams/{team_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One team. */
        get: operations["organizations_teams_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the team; its members stay. */
        delete: operations["organizations_teams_destroy"];
        options?: never;
        head?: never;
        /** @description Change the name, or replace the members. */
        patch: operations["organizations_teams_partial_update"];
        trace?: never;
    };
    "/api/organizations/join/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Use an invite code. */
        post: operations["organizations_join_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The projects that the caller sees. */
        get: operations["projects_list"];
        put?: never;
        /** @description Create a project in an organization. */
        post: operations["projects_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One project. */
        get: operations["projects_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the project with everything in it. */
        delete: operations["projects_destroy"];
        options?: never;
        head?: never;
        /** @description Change name or description. */
        patch: operations["projects_partial_update"];
        trace?: never;
    };
    "/api/projects/{id}/members/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Everybody's roles that reach into this project. */
        get: operations["projects_members_list"];
        put?: never;
        /** @description Attach somebody as admin of the project's organization, its moderator, or user of one of its objects. */
        post: operations["projects_members_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{id}/members/{assignment_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** @description Take one role away; everybody may give up his own. */
        delete: operations["projects_members_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{id}/objects/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The project's objects that the caller sees. */
        get: operations["projects_objects_list"];
        put?: never;
        /** @description Create a room, machine or site. */
        post: operations["projects_objects_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{id}/retention/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description How long measurements of the project are kept, where a datapoint says nothing else. */
        get: operations["projects_retention_retrieve"];
        /** @description Keep measurements of the project so long. */
        put: operations["projects_retention_update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/label/{name}/values": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The values of a label. */
        get: operations["prometheus_api_v1_label_values_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The names of labels. */
        get: operations["prometheus_api_v1_labels_retrieve"];
        put?: never;
        /** @description The names of labels. */
        post: operations["prometheus_api_v1_labels_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Units of the series, by their names. */
        get: operations["prometheus_api_v1_metadata_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description PromQL at one time. */
        get: operations["prometheus_api_v1_query_retrieve"];
        put?: never;
        /** @description PromQL at one time. */
        post: operations["prometheus_api_v1_query_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/query_range": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description PromQL at each step of a range. */
        get: operations["prometheus_api_v1_query_range_retrieve"];
        put?: never;
        /** @description PromQL at each step of a range. */
        post: operations["prometheus_api_v1_query_range_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The labels of the series that selectors name. */
        get: operations["prometheus_api_v1_series_retrieve"];
        put?: never;
        /** @description The labels of the series that selectors name. */
        post: operations["prometheus_api_v1_series_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prometheus/api/v1/status/buildinfo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description With which version of Prometheus this goes together. */
        get: operations["prometheus_api_v1_status_buildinfo_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Where the caller is signed in, by browsers and by the API, the current one first. */
        get: operations["sessions_list"];
        put?: never;
        post?: never;
        /** @description Sign out everywhere but here. */
        delete: operations["sessions_destroy_others"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** @description Sign out there. */
        delete: operations["sessions_destroy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tags/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The tags of one organization. */
        get: operations["tags_list"];
        put?: never;
        /** @description Create a tag, which every member may do. */
        post: operations["tags_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tags/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One tag. */
        get: operations["tags_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the tag and take it from every task, which admins and moderators may do. */
        delete: operations["tags_destroy"];
        options?: never;
        head?: never;
        /** @description Change name or colour, which admins and moderators may do. */
        patch: operations["tags_partial_update"];
        trace?: never;
    };
    "/api/task-templates/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The task templates of one organization. */
        get: operations["task_templates_list"];
        put?: never;
        /** @description Create a template, which admins and moderators may do. */
        post: operations["task_templates_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/task-templates/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One template, with the names of its variables. */
        get: operations["task_templates_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the template; the tasks that were made from it stay. */
        delete: operations["task_templates_destroy"];
        options?: never;
        head?: never;
        /** @description Change some fields, which admins and moderators may do. */
        patch: operations["task_templates_partial_update"];
        trace?: never;
    };
    "/api/task-templates/{id}/instantiate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Make a task with its sub-tasks from the template; `values` are those of its variables. */
        post: operations["task_templates_instantiate_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The tasks of one organization that the caller sees, the newest first, without archived ones. */
        get: operations["tasks_list"];
        put?: never;
        /** @description Create a task; its organization is the caller's active one by default. */
        post: operations["tasks_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One task, archived or not. */
        get: operations["tasks_retrieve"];
        /** @description Change the task as a whole; what need not be sent keeps its value where it is not. */
        put: operations["tasks_update"];
        post?: never;
        /** @description Delete the task, which its creator, moderators of its project and admins may do; its parts stay. */
        delete: operations["tasks_destroy"];
        options?: never;
        head?: never;
        /** @description Change some fields. */
        patch: operations["tasks_partial_update"];
        trace?: never;
    };
    "/api/tasks/{id}/archive/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Take the task out of the lists. Safe to repeat. */
        post: operations["tasks_archive_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/assign/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Give the task to people, and relieve others of it. Safe to repeat. */
        post: operations["tasks_assign_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/comments/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What was said about the task, the oldest first. */
        get: operations["tasks_comments_list"];
        put?: never;
        /** @description Say something about the task, in Markdown. */
        post: operations["tasks_comments_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/comments/{comment_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** @description Delete a comment, which its author, moderators of the task's project and admins may do. */
        delete: operations["tasks_comments_destroy"];
        options?: never;
        head?: never;
        /** @description Change the words of one's own comment. */
        patch: operations["tasks_comments_partial_update"];
        trace?: never;
    };
    "/api/tasks/{id}/history/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What was done to the task, by whom and when, the newest first: one row a changed field. */
        get: operations["tasks_history_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/restore/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Put an archived task back into the lists. Safe to repeat. */
        post: operations["tasks_restore_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/bulk/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Make one change to many tasks: to all of them or to none. */
        post: operations["tasks_bulk_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/facets/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description How many tasks a filtered list holds, in all and of each kind; of very long lists, how many of the newest. */
        get: operations["tasks_facets_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/search/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * @description Tasks that hold words, the best first, with what was found marked.
         *
         *     Matches are ranked by five hundreds, the newest first; `next` leads on to older ones. Where no task holds the
         *     words, those whose titles hold similar ones are found.
         */
        get: operations["tasks_search_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/suggest/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Up to ten tasks whose titles hold what is being typed, or whose number it is. */
        get: operations["tasks_suggest_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The organization's teams. */
        get: operations["teams_list"];
        put?: never;
        /** @description Create a team of members. */
        post: operations["teams_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/teams/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One team. */
        get: operations["teams_retrieve"];
        put?: never;
        post?: never;
        /** @description Delete the team; its members stay. */
        delete: operations["teams_destroy"];
        options?: never;
        head?: never;
        /** @description Change the name, or replace the members. */
        patch: operations["teams_partial_update"];
        trace?: never;
    };
    "/api/timeseries/query/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Samples or buckets of several datapoints. */
        get: operations["timeseries_query_retrieve"];
        put?: never;
        /** @description Samples or buckets of several datapoints. */
        post: operations["timeseries_query_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The people with whom the caller shares an organization, and himself. */
        get: operations["users_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One person. */
        get: operations["users_retrieve"];
        /** @description Change the profile: one's own, or as admin of an organization to which the person belongs. */
        put: operations["users_update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/deactivate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Let nobody act as this user any more, as a superuser. */
        post: operations["users_deactivate_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/reactivate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Let this user sign in again, as a superuser. */
        post: operations["users_reactivate_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The caller himself. */
        get: operations["users_me_retrieve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/deactivate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Close the caller's account; everything by which he is signed in ends. */
        post: operations["users_me_deactivate_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/erase/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Forget the caller, for ever; what he did in organizations stays under a pseudonym. */
        post: operations["users_me_erase_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/export/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Everything that is kept about the caller. */
        post: operations["users_me_export_create"];
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
        Aggregates: {
            results: components["schemas"]["Bucket"][];
        };
        Alarm: {
            /**
             * Acknowledged
             * Format: date-time
             */
            acknowledged_at?: string | null;
            /** Format: uuid */
            acknowledged_by?: string | null;
            readonly acknowledged_by_name: string | null;
            /**
             * Condition began
             * Format: date-time
             */
            began_at: string;
            readonly datapoint: number;
            /**
             * Ended
             * Format: date-time
             */
            ended_at?: string | null;
            readonly id: number;
            readonly kind: components["schemas"]["AlarmKindEnum"];
            readonly name: string;
            /** Format: date-time */
            peak_at?: string | null;
            /**
             * Worst value
             * Format: double
             */
            peak_value?: number | null;
            /** Format: uuid */
            rule: string;
            readonly severity: components["schemas"]["AlarmSeverityEnum"];
            /**
             * Started
             * Format: date-time
             */
            started_at: string;
        };
        /**
         * @description * `above` - Above a threshold
         *     * `below` - Below a threshold
         *     * `outside` - Outside of a range
         *     * `rate_of_change` - Changes too quickly
         *     * `silent_for` - Silent for too long
         * @enum {string}
         */
        AlarmKindEnum: "above" | "below" | "outside" | "rate_of_change" | "silent_for";
        /**
         * @description * `minute` - a minute
         *     * `hour` - an hour
         * @enum {string}
         */
        AlarmPerEnum: "minute" | "hour";
        AlarmRule: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            datapoint: number;
            /**
             * Duration in seconds
             * @description How long it has to be so before it is an alarm.
             */
            duration_s?: number;
            enabled?: boolean;
            /**
             * Upper threshold
             * Format: double
             */
            high?: number | null;
            /**
             * Format: double
             * @description By how much the value has to come back over the threshold before the alarm clears.
             */
            hysteresis?: number;
            /** Format: uuid */
            readonly id: string;
            kind: components["schemas"]["AlarmKindEnum"];
            /**
             * Lower threshold
             * Format: double
             */
            low?: number | null;
            name: string;
            per?: components["schemas"]["AlarmPerEnum"];
            severity?: components["schemas"]["AlarmSeverityEnum"];
            /**
             * Counts from
             * Format: date-time
             */
            readonly since: string;
            readonly version: number;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        AlarmRuleInputRequest: {
            /** Format: int64 */
            datapoint: number;
            /** @description How long it has to be so before it is an alarm; of a silence, how long none may come. */
            duration_s?: number;
            /** @default true */
            enabled: boolean;
            /**
             * Format: double
             * @description The upper threshold; of a rate, the most `per` minute or hour.
             */
            high?: number | null;
            /**
             * Format: double
             * @description By how much the value comes back over the threshold before the alarm clears.
             */
            hysteresis?: number;
            kind: components["schemas"]["AlarmKindEnum"];
            /**
             * Format: double
             * @description The lower threshold.
             */
            low?: number | null;
            name: string;
            /** @default minute */
            per: components["schemas"]["AlarmPerEnum"];
            /** @default warning */
            severity: components["schemas"]["AlarmSeverityEnum"];
            /**
             * Format: date-time
             * @description From when on samples count; now if nothing is said. The past is recorded, not told.
             */
            since?: string;
        };
        /**
         * @description * `info` - Information
         *     * `warning` - Warning
         *     * `critical` - Critical
         * @enum {string}
         */
        AlarmSeverityEnum: "info" | "warning" | "critical";
        /** @description What Prometheus answers. */
        Answer: {
            data: unknown;
            status: string;
        };
        ApiKey: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /**
             * Expires
             * Format: date-time
             */
            expires_at?: string | null;
            /** Format: uuid */
            readonly id: string;
            /**
             * Last used
             * Format: date-time
             */
            readonly last_used_at: string | null;
            name: string;
            /** Begins with */
            readonly prefix: string;
            /**
             * Revoked
             * Format: date-time
             */
            readonly revoked_at: string | null;
            scopes: string[];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ApiKeyInputRequest: {
            /** Format: date-time */
            expires_at?: string | null;
            name: string;
            /** @description `read` or `write` for everything, or one area's: `core:read`, `telemetry:write`, `compute:read`. */
            scopes: string[];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        AssignRequest: {
            add?: string[];
            remove?: string[];
        };
        AuditEntry: {
            /** What */
            action: string;
            readonly actor: components["schemas"]["Person"] | null;
            address?: string | null;
            /**
             * When
             * Format: date-time
             */
            readonly at: string;
            details: {
                [key: string]: unknown;
            };
            readonly id: number;
            /** Format: uuid */
            organization: string | null;
            /** Request */
            request_id?: string;
            readonly subject: components["schemas"]["Subject"] | null;
            /** Program */
            user_agent?: string;
        };
        /** @description A bucket; of the functions those that were asked for. */
        Bucket: {
            /** Format: double */
            avg?: number | null;
            count?: number;
            /** Format: double */
            first?: number | null;
            /** Format: double */
            last?: number | null;
            /** Format: double */
            max?: number | null;
            /** Format: double */
            min?: number | null;
            /** Format: double */
            sum?: number | null;
            /**
             * Format: date-time
             * @description Where it begins.
             */
            ts: string;
        };
        /** @description The one change; what is not named stays. */
        BulkChangeRequest: {
            add_assigned_to?: string[];
            add_tags?: number[];
            /** Format: date-time */
            due_date?: string;
            is_archived?: boolean;
            /** Format: int64 */
            parent_task?: number | null;
            priority?: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            remove_assigned_to?: string[];
            remove_tags?: number[];
            status?: components["schemas"]["TaskStatusEnum"];
            /** Format: uuid */
            team?: string | null;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        BulkRequest: {
            change: components["schemas"]["BulkChangeRequest"];
            ids: number[];
            /**
             * Format: uuid
             * @description The caller's active one by default.
             */
            organization?: string;
        };
        BulkResult: {
            results: components["schemas"]["Task"][];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ChallengeRequest: {
            challenge: string;
            code: string;
        };
        /**
         * @description * `whole` - The whole document
         *     * `section` - One section
         *     * `removal` - A section was removed
         *     * `restore` - An older version was restored
         * @enum {string}
         */
        ChangeEnum: "whole" | "section" | "removal" | "restore";
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        CodeRequest: {
            code: string;
        };
        Comment: {
            /** Format: uuid */
            author?: string | null;
            readonly author_name: string | null;
            /** Comment */
            body: string;
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /**
             * Edited
             * Format: date-time
             */
            readonly edited_at: string | null;
            readonly id: number;
            task: number;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        CommentInputRequest: {
            body: string;
        };
        Configuration: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            readonly document: unknown;
            /** Format: uuid */
            readonly id: string;
            name: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            readonly organization: string;
            /** Format: uuid */
            project: string;
            readonly version: number;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ConfigurationChangeRequest: {
            document: unknown;
            name?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ConfigurationInputRequest: {
            document: unknown;
            name: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            project: string;
        };
        ConfigurationRow: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /** Format: uuid */
            readonly id: string;
            name: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            readonly organization: string;
            /** Format: uuid */
            project: string;
            readonly version: number;
        };
        Credentials: {
            datasource: components["schemas"]["Datasource"];
            /** @description Shown this once. */
            secret: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        CredentialsRequest: {
            email: string;
            password: string;
        };
        Datapoint: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            description?: string;
            readonly id: number;
            /** @description The end of its topics. */
            key: string;
            readonly latest: components["schemas"]["Latest"] | null;
            name: string;
            /** Format: uuid */
            object?: string | null;
            readonly object_name: string | null;
            /** Format: uuid */
            readonly organization: string;
            /** Format: uuid */
            project: string;
            readonly project_name: string;
            tags?: string[];
            unit?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        DatapointDescriptionRequest: {
            /** Format: date-time */
            created_at?: string;
            description?: string;
            name?: string;
            /** @description Of an object of the project; empty for none. */
            object_name?: string;
            /** @description Of a project of this organization, to which it is moved. */
            project_name?: string;
            tags?: string[];
            unit?: string;
        };
        DatapointIds: {
            ids: number[];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        DatapointInputRequest: {
            description?: string;
            key: string;
            name?: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            project: string;
            tags?: string[];
            unit?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        DatapointPutRequest: {
            description?: string;
            /**
             * Format: int64
             * @description Of one that is to be changed; else one is created.
             */
            id?: number;
            key?: string;
            name?: string;
            /**
             * Format: uuid
             * @description Where it is created.
             */
            object?: string | null;
            /**
             * Format: uuid
             * @description Where it is created.
             */
            project?: string;
            tags?: string[];
            unit?: string;
        };
        Datapoints: {
            results: components["schemas"]["Datapoint"][];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        DatapointsPutRequest: {
            datapoints: components["schemas"]["DatapointPutRequest"][];
        };
        Datasource: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            enabled?: boolean;
            /**
             * Expires
             * Format: date-time
             */
            expires_at?: string | null;
            /** Format: uuid */
            readonly id: string;
            /**
             * Last seen
             * Format: date-time
             */
            readonly last_seen_at: string | null;
            readonly mapping: components["schemas"]["Rule"][];
            /** @description A topic seen for the first time becomes a datapoint. */
            may_create_datapoints?: boolean;
            readonly messages_rejected: number;
            readonly messages_stored: number;
            name: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            readonly organization: string;
            /** Format: date-time */
            readonly paused_until: string | null;
            /** Format: uuid */
            project: string;
            readonly publishes_refused: number;
            readonly topic_prefix: string;
            /**
             * User name
             * @description For MQTT, and part of its topics.
             */
            readonly username: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        DatasourceInputRequest: {
            enabled?: boolean;
            /** Format: date-time */
            expires_at?: string | null;
            mapping?: components["schemas"]["RuleRequest"][];
            may_create_datapoints?: boolean;
            name: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            project: string;
        };
        DeadLetter: {
            /**
             * Received
             * Format: date-time
             */
            at: string;
            readonly id: number;
            /** @description The beginning of the message, as text. */
            payload: string;
            /** Size */
            payload_size: number;
            reason: components["schemas"]["ReasonEnum"];
            topic: string;
        };
        Enrolment: {
            /** @description The same as a picture. */
            qr_svg: string;
            /** @description To type into an app that has no camera. */
            secret: string;
            /** @description `otpauth://…` */
            uri: string;
        };
        Facets: {
            /** @description Null where a list is too long for it. */
            assignee: components["schemas"]["KeyCount"][] | null;
            /** @description False: only the newest 500 tasks of the list are counted. */
            is_whole: boolean;
            overdue: number;
            priority: {
                [key: string]: number;
            };
            project: components["schemas"]["KeyCount"][];
            status: {
                [key: string]: number;
            };
            /** @description Null where a list is too long for it. */
            tag: components["schemas"]["TagCount"][] | null;
            team: components["schemas"]["KeyCount"][];
            total: number;
        };
        /**
         * @description * `none` - none
         *     * `null` - null
         *     * `previous` - previous
         *     * `linear` - linear
         * @enum {string}
         */
        FillEnum: "none" | "null" | "previous" | "linear";
        /** @description A task that was found. */
        Found: {
            /** Format: decimal */
            actual_hours: string | null;
            /** Format: date-time */
            archived_at: string | null;
            assigned_to: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            created_by: string | null;
            description: string;
            /** Format: date-time */
            due_date: string;
            /** Format: decimal */
            estimated_hours: string;
            /** Format: int64 */
            id: number;
            is_archived: boolean;
            is_overdue: boolean;
            metadata: {
                [key: string]: unknown;
            };
            /** @description Of this task in its organization, as in #42. */
            number: number;
            /** Format: uuid */
            organization: string;
            /** Format: int64 */
            parent_task: number | null;
            priority: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project: string | null;
            /** Format: double */
            rank: number;
            /** @description From description and comments, as HTML; likewise. */
            snippet_html: string;
            status: components["schemas"]["TaskStatusEnum"];
            tags: number[];
            /** Format: uuid */
            team: string | null;
            title: string;
            /** @description The title as HTML; what was found is in mark elements. */
            title_html: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        FoundPage: {
            /** Format: uri */
            next: string | null;
            results: components["schemas"]["Found"][];
            /** @description No task holds the words; these have similar ones in their titles. */
            similar: boolean;
        };
        /** @enum {string} */
        FunctionsEnum: "avg" | "min" | "max" | "sum" | "count" | "first" | "last";
        History: {
            /**
             * Who
             * Format: uuid
             */
            actor?: string | null;
            readonly actor_name: string | null;
            /**
             * When
             * Format: date-time
             */
            at: string;
            /** Format: uuid */
            change?: string;
            field: string;
            readonly id: number;
            readonly new: unknown;
            number: number;
            readonly old: unknown;
            title: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        InstantiationRequest: {
            values?: {
                [key: string]: string;
            };
        };
        /**
         * @description * `15m` - 15m
         *     * `hour` - hour
         *     * `day` - day
         *     * `week` - week
         *     * `month` - month
         *     * `year` - year
         * @enum {string}
         */
        IntervalEnum: "15m" | "hour" | "day" | "week" | "month" | "year";
        Invite: {
            /** Code begins with */
            readonly code_hint: string;
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /**
             * Expires
             * Format: date-time
             */
            expires_at?: string | null;
            /** Format: uuid */
            readonly id: string;
            /** May be used */
            max_uses?: number | null;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            organization: string;
            /** Format: uuid */
            project?: string | null;
            /**
             * Revoked
             * Format: date-time
             */
            readonly revoked_at: string | null;
            role: components["schemas"]["RoleEnum"];
            /** Used */
            readonly uses: number;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        InviteInputRequest: {
            /** Format: date-time */
            expires_at?: string | null;
            max_uses?: number | null;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            project?: string | null;
            role: components["schemas"]["RoleEnum"];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        JoinRequest: {
            code: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        Kept: {
            /** @description Days that values are kept; null: no limit here. */
            raw_days: number | null;
            /** @description Days that sums of 15 minutes are kept where values are forgotten; null: no limit here. */
            rollup_days?: number | null;
        };
        KeptOfDatapoint: {
            /** @description What holds, with what the project says where the datapoint says nothing. */
            effective: components["schemas"]["Kept"];
            raw_days: number | null;
            rollup_days: number | null;
            /**
             * Format: date-time
             * @description Older values are forgotten, and none are taken any more.
             */
            values_from: string | null;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        KeptRequest: {
            /** @description Days that values are kept; null: no limit here. */
            raw_days: number | null;
            /** @description Days that sums of 15 minutes are kept where values are forgotten; null: no limit here. */
            rollup_days?: number | null;
        };
        KeyCount: {
            count: number;
            /** Format: uuid */
            id: string | null;
        };
        /**
         * @description * `en` - English
         *     * `ru` - Russian
         * @enum {string}
         */
        LanguageEnum: "en" | "ru";
        Latest: {
            /** Format: date-time */
            ts: string;
            /** Format: double */
            value: number;
        };
        Me: {
            /**
             * Format: uuid
             * @description The organization whose pages the user looks at.
             */
            readonly active_organization: string | null;
            /**
             * E-mail address
             * Format: email
             */
            readonly email: string;
            /**
             * E-mail address verified
             * Format: date-time
             */
            readonly email_verified_at: string | null;
            /** Format: uuid */
            readonly id: string;
            /**
             * Superuser status
             * @description Designates that this user has all permissions without explicitly assigning them.
             */
            readonly is_superuser: boolean;
            readonly language: components["schemas"]["LanguageEnum"];
            readonly name: string;
            readonly time_zone: string;
        };
        Member: {
            roles: components["schemas"]["Role"][];
            user: components["schemas"]["User"];
        };
        NewApiKey: {
            api_key: components["schemas"]["ApiKey"];
            /** @description Shown this once. */
            key: string;
        };
        NewInvite: {
            /** @description Shown this once. */
            code: string;
            invite: components["schemas"]["Invite"];
        };
        Object: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            description?: string;
            /** Format: uuid */
            readonly id: string;
            name: string;
            /** Format: uuid */
            project: string;
        };
        OneSeries: {
            datapoint: number;
            /**
             * Format: uri
             * @description Where the samples behind the limit are.
             */
            next: string | null;
            results: components["schemas"]["Row"][];
        };
        /**
         * @description * `asc` - asc
         *     * `desc` - desc
         * @enum {string}
         */
        OrderEnum: "asc" | "desc";
        Organization: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /** Format: uuid */
            readonly id: string;
            readonly is_personal: boolean;
            language?: components["schemas"]["LanguageEnum"];
            name: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        OrganizationInputRequest: {
            language?: components["schemas"]["LanguageEnum"];
            name: string;
        };
        PaginatedAlarmList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Alarm"][];
        };
        PaginatedAlarmRuleList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["AlarmRule"][];
        };
        PaginatedApiKeyList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["ApiKey"][];
        };
        PaginatedAuditEntryList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["AuditEntry"][];
        };
        PaginatedCommentList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Comment"][];
        };
        PaginatedConfigurationRowList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["ConfigurationRow"][];
        };
        PaginatedDatapointList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Datapoint"][];
        };
        PaginatedDatasourceList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Datasource"][];
        };
        PaginatedDeadLetterList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["DeadLetter"][];
        };
        PaginatedHistoryList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["History"][];
        };
        PaginatedInviteList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Invite"][];
        };
        PaginatedMemberList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Member"][];
        };
        PaginatedObjectList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Object"][];
        };
        PaginatedOrganizationList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Organization"][];
        };
        PaginatedProjectList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Project"][];
        };
        PaginatedProjectMemberList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["ProjectMember"][];
        };
        PaginatedRefusedPublishList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["RefusedPublish"][];
        };
        PaginatedTagList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Tag"][];
        };
        PaginatedTaskList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Task"][];
        };
        PaginatedTeamList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Team"][];
        };
        PaginatedTemplateList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["Template"][];
        };
        PaginatedUserList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["User"][];
        };
        PaginatedVersionRowList: {
            /**
             * Format: uri
             * @description The next page, if any.
             */
            next: string | null;
            results: components["schemas"]["VersionRow"][];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PasswordChangeRequest: {
            current_password: string;
            password: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PasswordRequest: {
            /** @description The caller's own. */
            password: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PasswordResetRequest: {
            password: string;
            token: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PasswordResetRequestRequest: {
            /** Format: email */
            email: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedAlarmRuleChangeRequest: {
            /** @description How long it has to be so before it is an alarm; of a silence, how long none may come. */
            duration_s?: number;
            /** @default true */
            enabled: boolean;
            /**
             * Format: double
             * @description The upper threshold; of a rate, the most `per` minute or hour.
             */
            high?: number | null;
            /**
             * Format: double
             * @description By how much the value comes back over the threshold before the alarm clears.
             */
            hysteresis?: number;
            /**
             * Format: double
             * @description The lower threshold.
             */
            low?: number | null;
            name?: string;
            /** @default minute */
            per: components["schemas"]["AlarmPerEnum"];
            /** @default warning */
            severity: components["schemas"]["AlarmSeverityEnum"];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedCommentInputRequest: {
            body?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedDatapointChangeRequest: {
            description?: string;
            key?: string;
            name?: string;
            tags?: string[];
            unit?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedDatasourceChangeRequest: {
            enabled?: boolean;
            /** Format: date-time */
            expires_at?: string | null;
            mapping?: components["schemas"]["RuleRequest"][];
            may_create_datapoints?: boolean;
            name?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedOrganizationInputRequest: {
            language?: components["schemas"]["LanguageEnum"];
            name?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedProjectChangeRequest: {
            description?: string;
            name?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedTagChangeRequest: {
            color?: components["schemas"]["TagColorEnum"];
            name?: string;
        };
        /** @description What can be changed of a task; PUT needs title, description, status, priority, due date and estimate. */
        PatchedTaskChangeRequest: {
            /** Format: decimal */
            actual_hours?: string | null;
            assigned_to?: string[];
            description?: string;
            /** Format: date-time */
            due_date?: string;
            /** Format: decimal */
            estimated_hours?: string;
            metadata?: {
                [key: string]: unknown;
            };
            /** Format: int64 */
            parent_task?: number | null;
            priority?: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            status?: components["schemas"]["TaskStatusEnum"];
            tags?: number[];
            /** Format: uuid */
            team?: string | null;
            title?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedTeamInputRequest: {
            members?: string[];
            name?: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        PatchedTemplateChangeRequest: {
            assigned_to?: string[];
            description?: string;
            due_after_hours?: number;
            /** Format: decimal */
            estimated_hours?: string;
            metadata?: {
                [key: string]: unknown;
            };
            name?: string;
            priority?: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            status?: components["schemas"]["TaskStatusEnum"];
            subtasks?: components["schemas"]["SubtaskRequest"][];
            tags?: number[];
            /** Format: uuid */
            team?: string | null;
            /** @description May hold {{variables}}. */
            title?: string;
        };
        Person: {
            /** Format: uuid */
            id: string;
            /** @description Null where the account is deleted. */
            name: string | null;
        };
        /** @description An error after RFC 9457. */
        Problem: {
            /** @description Stable; made for programs. */
            code: string;
            detail?: string;
            errors?: {
                field: string;
                message: string;
            }[];
            request_id?: string;
            status: number;
            title: string;
            type: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ProfileRequest: {
            language: components["schemas"]["LanguageEnum"];
            name: string;
            time_zone: string;
        };
        Project: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            description?: string;
            /** Format: uuid */
            readonly id: string;
            /** @default false */
            readonly is_personal: boolean;
            name: string;
            /** Format: uuid */
            organization: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ProjectChangeRequest: {
            description?: string;
            name: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ProjectInputRequest: {
            description?: string;
            name: string;
            /** Format: uuid */
            organization: string;
        };
        ProjectMember: {
            /**
             * Since
             * Format: date-time
             */
            readonly created_at: string;
            /** Format: uuid */
            readonly id: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            organization: string;
            /** Format: uuid */
            project?: string | null;
            role: components["schemas"]["RoleEnum"];
            user: components["schemas"]["User"];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        ProjectMemberInputRequest: {
            /** Format: uuid */
            object?: string | null;
            role: components["schemas"]["RoleEnum"];
            /** Format: uuid */
            user: string;
        };
        /**
         * @description * `not_a_topic_of_a_datasource` - The topic belongs to no datasource
         *     * `unknown_datasource` - The datasource does not exist any more
         *     * `unknown_datapoint` - There is no such datapoint, and this datasource may not create any
         *     * `too_many_datapoints` - The project has as many datapoints as it may have
         *     * `bad_key` - The end of the topic can't be the key of a datapoint
         *     * `empty` - The message is empty
         *     * `too_large` - The message is too large
         *     * `not_understood` - The message is neither a number nor JSON
         *     * `value_missing` - The message has no value
         *     * `not_a_number` - The value is not a number
         *     * `not_finite` - The value is not a finite number
         *     * `bad_time` - The time is not understood
         *     * `time_out_of_range` - The time is before 1970 or in the future
         *     * `older_than_kept` - The time is so long ago that values of then are not kept any more
         *     * `not_storable` - The database refused it
         * @enum {string}
         */
        ReasonEnum: "not_a_topic_of_a_datasource" | "unknown_datasource" | "unknown_datapoint" | "too_many_datapoints" | "bad_key" | "empty" | "too_large" | "not_understood" | "value_missing" | "not_a_number" | "not_finite" | "bad_time" | "time_out_of_range" | "older_than_kept" | "not_storable";
        RecoveryCodes: {
            /** @description Shown this once. */
            recovery_codes: string[];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        RefreshRequest: {
            refresh: string;
        };
        /**
         * @description * `publish` - Publish
         *     * `read` - Read
         *     * `connect` - Connect; another organization uses this client id
         * @enum {string}
         */
        RefusedEnum: "publish" | "read" | "connect";
        RefusedPublish: {
            /** Right */
            action?: components["schemas"]["RefusedEnum"];
            /**
             * Times
             * Format: int64
             */
            count?: number;
            /**
             * First
             * Format: date-time
             */
            first_at: string;
            readonly id: number;
            /**
             * Last
             * Format: date-time
             */
            last_at: string;
            topic: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        RegistrationRequest: {
            /** Format: email */
            email: string;
            /** @default  */
            invite_code: string;
            /** @default  */
            name: string;
            password: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        RightInputRequest: {
            action: components["schemas"]["TopicRightEnum"];
            filter: string;
        };
        Rights: {
            rights: components["schemas"]["TopicRight"][];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        RightsInputRequest: {
            rights: components["schemas"]["RightInputRequest"][];
        };
        Role: {
            /**
             * Since
             * Format: date-time
             */
            readonly created_at: string;
            /** Format: uuid */
            readonly id: string;
            /** Format: uuid */
            object?: string | null;
            /** Format: uuid */
            organization: string;
            /** Format: uuid */
            project?: string | null;
            role: components["schemas"]["RoleEnum"];
        };
        /**
         * @description * `admin` - Admin
         *     * `moderator` - Moderator
         *     * `user` - User
         * @enum {string}
         */
        RoleEnum: "admin" | "moderator" | "user";
        /** @description A sample or a bucket. */
        Row: {
            /** Format: double */
            avg?: number | null;
            count?: number;
            /** Format: double */
            first?: number | null;
            /** Format: double */
            last?: number | null;
            /** Format: double */
            max?: number | null;
            /** Format: double */
            min?: number | null;
            /** Format: double */
            sum?: number | null;
            /**
             * Format: date-time
             * @description Where it begins.
             */
            ts: string;
            /**
             * Format: double
             * @description Of a sample.
             */
            value?: number;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        Rule: {
            /** @description Key of the datapoint; may hold `{topic}` and `{name}`. */
            key: string;
            /** @description JSON pointer to the value; its last part may be `*` for every member that has one. */
            pointer: string;
            /**
             * @description JSON pointer to the time; without one it is the time of the message.
             * @default
             */
            time: string;
            /**
             * @description A filter for what stands behind the datasource's prefix.
             * @default #
             */
            topic: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        RuleRequest: {
            /** @description Key of the datapoint; may hold `{topic}` and `{name}`. */
            key: string;
            /** @description JSON pointer to the value; its last part may be `*` for every member that has one. */
            pointer: string;
            /**
             * @description JSON pointer to the time; without one it is the time of the message.
             * @default
             */
            time: string;
            /**
             * @description A filter for what stands behind the datasource's prefix.
             * @default #
             */
            topic: string;
        };
        /** @description For the schema alone: a sample in JSON. */
        SampleInputRequest: {
            /**
             * Format: date-time
             * @description ISO 8601, or seconds or milliseconds since 1970; the present where it is missing.
             */
            ts?: string;
            /** Format: double */
            value: number;
        };
        SecondFactor: {
            is_enabled: boolean;
            recovery_codes_left: number;
        };
        Series: {
            series: components["schemas"]["OneSeries"][];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        SeriesQueryRequest: {
            /** @description Ids; in an address with commas between them. */
            datapoints: number[];
            /**
             * Format: date-time
             * @description The last time, not included.
             */
            end?: string;
            /**
             * @description What empty buckets get.
             *
             *     * `none` - none
             *     * `null` - null
             *     * `previous` - previous
             *     * `linear` - linear
             * @default none
             */
            fill: components["schemas"]["FillEnum"];
            /** @description Some of avg, min, max, sum, count, first, last; avg by itself. */
            functions?: components["schemas"]["FunctionsEnum"][];
            /**
             * @description Without it: samples.
             *
             *     * `15m` - 15m
             *     * `hour` - hour
             *     * `day` - day
             *     * `week` - week
             *     * `month` - month
             *     * `year` - year
             */
            interval?: components["schemas"]["IntervalEnum"];
            /** @description Samples of each datapoint. */
            limit?: number;
            /** @description Of each datapoint, for charts. */
            max_points?: number;
            /**
             * @description Of samples.
             *
             *     * `asc` - asc
             *     * `desc` - desc
             * @default asc
             */
            order: components["schemas"]["OrderEnum"];
            /**
             * Format: date-time
             * @description The first time, included.
             */
            start?: string;
            /** @description In which zone hours, days and so on begin; UTC by itself. */
            tz?: string;
        };
        SignedIn: {
            access: string;
            refresh: string;
            user: components["schemas"]["User"];
        };
        SignIn: {
            /** @description From where it was used the last time. */
            address: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_current: boolean;
            kind: components["schemas"]["SignInKindEnum"];
            /**
             * Format: date-time
             * @description To the minute.
             */
            last_used_at: string;
            user_agent: string;
        };
        /**
         * @description * `browser` - browser
         *     * `api` - api
         * @enum {string}
         */
        SignInKindEnum: "browser" | "api";
        SignInList: {
            next: string | null;
            results: components["schemas"]["SignIn"][];
        };
        SourcedSample: {
            /**
             * Format: uuid
             * @description Null where a person wrote it; one that is deleted keeps its id here.
             */
            datasource: string | null;
            /** Format: date-time */
            ts: string;
            /** Format: double */
            value: number;
        };
        SourcedSamples: {
            results: components["schemas"]["SourcedSample"][];
        };
        Stored: {
            /** @description So many were older than what is kept. */
            refused: number;
            /** @description So many times have a value now; repeats of a time count once. */
            stored: number;
        };
        Subject: {
            id: string;
            type: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        Subtask: {
            description?: string;
            /** Format: double */
            due_after_hours?: number;
            /** Format: double */
            estimated_hours?: number;
            priority?: components["schemas"]["TaskPriorityEnum"];
            title: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        SubtaskRequest: {
            description?: string;
            /** Format: double */
            due_after_hours?: number;
            /** Format: double */
            estimated_hours?: number;
            priority?: components["schemas"]["TaskPriorityEnum"];
            title: string;
        };
        Suggestion: {
            id: number;
            number: number;
            status: components["schemas"]["TaskStatusEnum"];
            title: string;
        };
        Suggestions: {
            results: components["schemas"]["Suggestion"][];
        };
        Tag: {
            /** Colour */
            color?: components["schemas"]["TagColorEnum"];
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            readonly id: number;
            name: string;
            /** Format: uuid */
            readonly organization: string;
        };
        /**
         * @description * `gray` - Gray
         *     * `red` - Red
         *     * `orange` - Orange
         *     * `yellow` - Yellow
         *     * `green` - Green
         *     * `teal` - Teal
         *     * `blue` - Blue
         *     * `purple` - Purple
         *     * `pink` - Pink
         * @enum {string}
         */
        TagColorEnum: "gray" | "red" | "orange" | "yellow" | "green" | "teal" | "blue" | "purple" | "pink";
        TagCount: {
            count: number;
            id: number;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        TagInputRequest: {
            color?: components["schemas"]["TagColorEnum"];
            name: string;
            /**
             * Format: uuid
             * @description The caller's active one by default.
             */
            organization?: string;
        };
        /** @description A task. `assigned_to` and `tags` are ids. */
        Task: {
            /** Format: decimal */
            actual_hours: string | null;
            /** Format: date-time */
            archived_at: string | null;
            assigned_to: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            created_by: string | null;
            description: string;
            /** Format: date-time */
            due_date: string;
            /** Format: decimal */
            estimated_hours: string;
            /** Format: int64 */
            id: number;
            is_archived: boolean;
            is_overdue: boolean;
            metadata: {
                [key: string]: unknown;
            };
            /** @description Of this task in its organization, as in #42. */
            number: number;
            /** Format: uuid */
            organization: string;
            /** Format: int64 */
            parent_task: number | null;
            priority: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project: string | null;
            status: components["schemas"]["TaskStatusEnum"];
            tags: number[];
            /** Format: uuid */
            team: string | null;
            title: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** @description What can be changed of a task; PUT needs title, description, status, priority, due date and estimate. */
        TaskChangeRequest: {
            /** Format: decimal */
            actual_hours?: string | null;
            assigned_to?: string[];
            description: string;
            /** Format: date-time */
            due_date: string;
            /** Format: decimal */
            estimated_hours: string;
            metadata?: {
                [key: string]: unknown;
            };
            /** Format: int64 */
            parent_task?: number | null;
            priority: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            status: components["schemas"]["TaskStatusEnum"];
            tags?: number[];
            /** Format: uuid */
            team?: string | null;
            title: string;
        };
        /** @description A new task, by default of the caller's active organization. */
        TaskInputRequest: {
            /** Format: decimal */
            actual_hours?: string | null;
            assigned_to?: string[];
            description?: string;
            /** Format: date-time */
            due_date: string;
            /** Format: decimal */
            estimated_hours: string;
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * Format: uuid
             * @description The caller's active one by default.
             */
            organization?: string;
            /** Format: int64 */
            parent_task?: number | null;
            priority?: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            status?: components["schemas"]["TaskStatusEnum"];
            tags?: number[];
            /** Format: uuid */
            team?: string | null;
            title: string;
        };
        /**
         * @description * `low` - Low
         *     * `medium` - Medium
         *     * `high` - High
         *     * `urgent` - Urgent
         * @enum {string}
         */
        TaskPriorityEnum: "low" | "medium" | "high" | "urgent";
        /**
         * @description * `backlog` - Backlog
         *     * `todo` - To do
         *     * `in_progress` - In progress
         *     * `in_review` - In review
         *     * `blocked` - Blocked
         *     * `done` - Done
         *     * `cancelled` - Cancelled
         * @enum {string}
         */
        TaskStatusEnum: "backlog" | "todo" | "in_progress" | "in_review" | "blocked" | "done" | "cancelled";
        Team: {
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /** Format: uuid */
            readonly id: string;
            members?: string[];
            name: string;
            /** Format: uuid */
            organization: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        TeamInputRequest: {
            members?: string[];
            name: string;
        };
        Template: {
            readonly assigned_to: string[];
            /**
             * Created
             * Format: date-time
             */
            readonly created_at: string;
            /** @description May hold {{variables}}. */
            description?: string;
            due_after_hours?: number;
            /** Format: decimal */
            estimated_hours?: string;
            readonly id: number;
            metadata: {
                [key: string]: unknown;
            };
            name: string;
            /** Format: uuid */
            readonly organization: string;
            priority?: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            status?: components["schemas"]["TaskStatusEnum"];
            subtasks: components["schemas"]["Subtask"][];
            tags?: number[];
            /** Format: uuid */
            team?: string | null;
            /** @description May hold {{variables}}. */
            title: string;
            readonly variables: string[];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        TemplateInputRequest: {
            assigned_to?: string[];
            description?: string;
            due_after_hours?: number;
            /** Format: decimal */
            estimated_hours?: string;
            metadata?: {
                [key: string]: unknown;
            };
            name: string;
            /**
             * Format: uuid
             * @description The caller's active one by default.
             */
            organization?: string;
            priority?: components["schemas"]["TaskPriorityEnum"];
            /** Format: uuid */
            project?: string | null;
            status?: components["schemas"]["TaskStatusEnum"];
            subtasks?: components["schemas"]["SubtaskRequest"][];
            tags?: number[];
            /** Format: uuid */
            team?: string | null;
            /** @description May hold {{variables}}. */
            title: string;
        };
        Timeseries: {
            /** Format: uri */
            next: string | null;
            results: components["schemas"]["Latest"][];
        };
        TokenPair: {
            access: string;
            refresh: string;
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        TokenRequest: {
            token: string;
        };
        TopicRight: {
            /** Right */
            action: components["schemas"]["TopicRightEnum"];
            /** Topics */
            filter: string;
        };
        /**
         * @description * `publish` - Publish
         *     * `read` - Read
         * @enum {string}
         */
        TopicRightEnum: "publish" | "read";
        Trial: {
            /** @description Why such a message would not be stored. */
            reason: string | null;
            samples: components["schemas"]["TrialSample"][];
        };
        /** @description Refuses fields that it does not know, so that a misspelt name is told and not ignored. */
        TrialInputRequest: {
            /** @description Instead of the rules that hold now. */
            mapping?: components["schemas"]["RuleRequest"][];
            payload: string;
            /** @description What stands behind the prefix. */
            topic: string;
        };
        TrialSample: {
            key: string;
            /** Format: date-time */
            ts: string;
            /** Format: double */
            value: number;
        };
        User: {
            /**
             * E-mail address
             * Format: email
             */
            readonly email: string;
            /** Format: uuid */
            readonly id: string;
            language?: components["schemas"]["LanguageEnum"];
            name?: string;
            time_zone?: string;
        };
        Version: {
            action: components["schemas"]["ChangeEnum"];
            /**
             * Changed
             * Format: date-time
             */
            changed_at: string;
            /** Format: uuid */
            changed_by?: string | null;
            readonly changed_by_name: string | null;
            readonly document: unknown;
            /** Version */
            number: number;
            path?: string;
            restored_from?: number | null;
        };
        VersionRow: {
            action: components["schemas"]["ChangeEnum"];
            /**
             * Changed
             * Format: date-time
             */
            changed_at: string;
            /** Format: uuid */
            changed_by?: string | null;
            readonly changed_by_name: string | null;
            /** Version */
            number: number;
            path?: string;
            restored_from?: number | null;
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
    alarm_rules_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description Only rules of these datapoints; may be given several times. */
                datapoint?: number[];
                enabled?: boolean | null;
                /** @description Only rules on this object. */
                object?: string;
                page_size?: number;
                /** @description Only rules in this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedAlarmRuleList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarm_rules_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlarmRuleInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmRule"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarm_rules_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmRule"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarm_rules_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarm_rules_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedAlarmRuleChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmRule"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarms_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description Only rules of these datapoints; may be given several times. */
                datapoint?: number[];
                /** @description Only alarms that started before this time. */
                end?: string;
                /** @description Only alarms on this object. */
                object?: string;
                /** @description Only alarms that are on, or that are over. */
                open?: boolean | null;
                page_size?: number;
                /** @description Only alarms in this project. */
                project?: string;
                /** @description Only alarms of this rule. */
                rule?: string;
                /** @description Only alarms as bad as this; may be given several times. */
                severity?: ("info" | "warning" | "critical")[];
                /** @description Only alarms that were on at this time or later. */
                start?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedAlarmList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarms_retrieve: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alarm"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alarms_acknowledge_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alarm"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    api_keys_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedApiKeyList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    api_keys_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    api_keys_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    api_keys_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                /** @description Such as `sign_in.failed`. */
                action?: string;
                /** @description Who did it. */
                actor?: string;
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The caller needs to be its admin. */
                organization?: string;
                page_size?: number;
                /** @description From this time on. */
                since?: string;
                /** @description Before this time. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedAuditEntryList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_login_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialsRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_login_second_factor_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChallengeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_logout_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_password_change_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChangeRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_password_reset_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordResetRequestRequest"];
            };
        };
        responses: {
            /** @description No response body */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_password_reset_confirm_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordResetRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_refresh_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPair"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_register_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegistrationRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_second_factor_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_second_factor_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrolment"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_second_factor_confirm_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_second_factor_disable_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_second_factor_recovery_codes_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_verify_email_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_verify_email_resend_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                object?: string;
                organization?: string;
                page_size?: number;
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedConfigurationRowList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigurationInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Configuration"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Configuration"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigurationChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Configuration"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_sections_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_sections_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_sections_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_versions_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedVersionRowList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_versions_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configurations_versions_restore_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Configuration"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description Only datapoints of its place, which it may feed. */
                datasource?: string;
                /** @description Only datapoints of this object. */
                object?: string;
                /** @description Only datapoints of this organization. */
                organization?: string;
                page_size?: number;
                /** @description Only datapoints of this project. */
                project?: string;
                /** @description Words that name, key, description, or the name of project or object hold. */
                search?: string;
                /** @description Only with this tag; with all of several, with commas between. */
                tag?: string;
                /** @description Only with this unit. */
                unit?: string;
                /** @description Only datapoints of a project as a whole, or only those of its objects. */
                whole?: boolean | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedDatapointList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DatapointInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datapoint"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_retrieve: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datapoint"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_describe: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["DatapointDescriptionRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datapoint"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedDatapointChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datapoint"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_aggregates_retrieve: {
        parameters: {
            query: {
                /** @description The last time, not included. */
                end?: string;
                /**
                 * @description What empty buckets get.
                 *
                 *     * `none` - none
                 *     * `null` - null
                 *     * `previous` - previous
                 *     * `linear` - linear
                 */
                fill?: "none" | "null" | "previous" | "linear";
                /**
                 * @description Instead of the header Accept.
                 *
                 *     * `json` - json
                 *     * `csv` - csv
                 *     * `ndjson` - ndjson
                 */
                format?: "json" | "csv" | "ndjson";
                /** @description Some of avg, min, max, sum, count, first, last; avg by itself. */
                functions?: ("avg" | "min" | "max" | "sum" | "count" | "first" | "last")[];
                /**
                 * @description * `15m` - 15m
                 *     * `hour` - hour
                 *     * `day` - day
                 *     * `week` - week
                 *     * `month` - month
                 *     * `year` - year
                 */
                interval: "15m" | "hour" | "day" | "week" | "month" | "year";
                /** @description The first time, included. */
                start?: string;
                /** @description In which zone hours, days and so on begin; UTC by itself. */
                tz?: string;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Aggregates"];
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_retention_retrieve: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptOfDatapoint"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_retention_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeptRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptOfDatapoint"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_sources_retrieve: {
        parameters: {
            query?: {
                /** @description The last time, not included. */
                end?: string;
                limit?: number;
                /** @description The first time, included. */
                start?: string;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourcedSamples"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_timeseries_retrieve: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The last time, not included. */
                end?: string;
                /**
                 * @description Instead of the header Accept.
                 *
                 *     * `json` - json
                 *     * `csv` - csv
                 *     * `ndjson` - ndjson
                 */
                format?: "json" | "csv" | "ndjson";
                /** @description 1000 by itself in JSON; CSV and NDJSON hold the whole range without it. */
                limit?: number;
                /** @description For charts: at most so many points that draw the same line (M4); without pages. */
                max_points?: number;
                /**
                 * @description * `asc` - asc
                 *     * `desc` - desc
                 */
                order?: "asc" | "desc";
                /** @description The first time, included. */
                start?: string;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeseries"];
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_timeseries_create: {
        parameters: {
            query?: {
                format?: "csv" | "json" | "ndjson";
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SampleInputRequest"][];
                "application/x-ndjson": string;
                "text/csv": string;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stored"];
                    "application/x-ndjson": components["schemas"]["Stored"];
                    "text/csv": components["schemas"]["Stored"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_timeseries_destroy: {
        parameters: {
            query?: {
                /** @description The last time, not included. */
                end?: string;
                format?: "csv" | "json" | "ndjson";
                /** @description The first time, included. */
                start?: string;
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_bulk_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DatapointsPutRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datapoints"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datapoints_ids_retrieve: {
        parameters: {
            query?: {
                /** @description Only datapoints of its place, which it may feed. */
                datasource?: string;
                /**
                 * @description Instead of the header Accept.
                 *
                 *     * `json` - json
                 *     * `csv` - csv
                 *     * `ndjson` - ndjson
                 */
                format?: "json" | "csv" | "ndjson";
                /** @description Only datapoints of this object. */
                object?: string;
                /** @description Only datapoints of this organization. */
                organization?: string;
                /** @description Only datapoints of this project. */
                project?: string;
                /** @description Words that name, key, description, or the name of project or object hold. */
                search?: string;
                /** @description Only with this tag; with all of several, with commas between. */
                tag?: string;
                /** @description Only with this unit. */
                unit?: string;
                /** @description Only datapoints of a project as a whole, or only those of its objects. */
                whole?: boolean | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatapointIds"];
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description Only datasources of this object. */
                object?: string;
                page_size?: number;
                /** @description Only datasources of this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedDatasourceList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DatasourceInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credentials"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datasource"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedDatasourceChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datasource"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_dead_letters_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedDeadLetterList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_mapping_try_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrialInputRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trial"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_refused_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedRefusedPublishList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_rights_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rights"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_rights_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RightsInputRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rights"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    datasources_rotate_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credentials"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    objects_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Object"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    objects_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    objects_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedProjectChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Object"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedOrganizationList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganizationInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedOrganizationInputRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_invites_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedInviteList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_invites_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvite"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_invites_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
                invite_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_invites_rotate_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
                invite_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvite"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_members_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedMemberList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_members_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_teams_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedTeamList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_teams_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_teams_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
                team_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_teams_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                team_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_teams_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                team_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedTeamInputRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    organizations_join_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description Only projects of this organization. */
                organization?: string;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedProjectList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedProjectChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_members_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedProjectMemberList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_members_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectMemberInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectMember"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_members_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                assignment_id: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_objects_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedObjectList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_objects_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectChangeRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Object"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_retention_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects_retention_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeptRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_label_values_retrieve: {
        parameters: {
            query?: {
                /** @description Selectors of series. */
                "match[]"?: string[];
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_labels_retrieve: {
        parameters: {
            query?: {
                /** @description Selectors of series. */
                "match[]"?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_labels_create: {
        parameters: {
            query?: {
                /** @description Selectors of series. */
                "match[]"?: string[];
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/x-www-form-urlencoded": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_metadata_retrieve: {
        parameters: {
            query?: {
                metric?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_query_retrieve: {
        parameters: {
            query: {
                /** @description PromQL. */
                query: string;
                time?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_query_create: {
        parameters: {
            query: {
                /** @description PromQL. */
                query: string;
                time?: string;
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/x-www-form-urlencoded": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_query_range_retrieve: {
        parameters: {
            query: {
                end: string;
                /** @description PromQL. */
                query: string;
                start: string;
                step: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_query_range_create: {
        parameters: {
            query: {
                end: string;
                /** @description PromQL. */
                query: string;
                start: string;
                step: string;
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/x-www-form-urlencoded": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_series_retrieve: {
        parameters: {
            query?: {
                /** @description Selectors of series. */
                "match[]"?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_series_create: {
        parameters: {
            query?: {
                /** @description Selectors of series. */
                "match[]"?: string[];
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/x-www-form-urlencoded": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prometheus_api_v1_status_buildinfo_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sessions_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sessions_destroy_others: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sessions_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tags_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The caller's active one by default. */
                organization?: string;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedTagList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tags_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tags_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tags_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tags_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedTagChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    task_templates_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The caller's active one by default. */
                organization?: string;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedTemplateList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    task_templates_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    task_templates_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    task_templates_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    task_templates_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedTemplateChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    task_templates_instantiate_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["InstantiationRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_list: {
        parameters: {
            query?: {
                /** @description Archived tasks instead of the others. */
                archived?: boolean;
                /** @description Ids of users, `me`, or `none` for tasks of nobody; several by commas. */
                assignee?: string;
                /** @description The first time, included. */
                created_after?: string;
                /** @description The last time, not included. */
                created_before?: string;
                /** @description Ids of users, or `me`; several by commas. */
                creator?: string;
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The first time, included. */
                due_after?: string;
                /** @description The last time, not included. */
                due_before?: string;
                /** @description Only these fields of each task, by commas. */
                fields?: string;
                /** @description `key=value`: tasks whose metadata has this value; may be repeated. */
                metadata?: string[];
                /** @description By which field; `-` in front turns it around. */
                ordering?: "-created_at" | "-due_date" | "-number" | "-priority" | "-status" | "-title" | "-updated_at" | "created_at" | "due_date" | "number" | "priority" | "status" | "title" | "updated_at";
                /** @description The caller's active one by default. */
                organization?: string;
                /** @description Only tasks that missed their date, or only others. */
                overdue?: boolean;
                page_size?: number;
                /** @description Ids of tasks, or `none` for tasks that are no part of another; several by commas. */
                parent?: string;
                /** @description One or several, by commas: low, medium, high, urgent. */
                priority?: string;
                /** @description Ids of projects, or `none`; several by commas. */
                project?: string;
                /** @description Words that title, description, tags or comments hold; as search engines take them. */
                search?: string;
                /** @description One or several, by commas: backlog, todo, in_progress, in_review, blocked, done, cancelled. */
                status?: string;
                /** @description Ids of tags, or `none`; several by commas mean any of them. */
                tag?: string;
                /** @description Ids of teams, or `none`; several by commas. */
                team?: string;
                /** @description The first time, included. */
                updated_after?: string;
                /** @description The last time, not included. */
                updated_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedTaskList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedTaskChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_archive_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_assign_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AssignRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_comments_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedCommentList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_comments_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommentInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_comments_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                comment_id: number;
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_comments_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                comment_id: number;
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedCommentInputRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_history_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedHistoryList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_restore_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_bulk_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResult"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_facets_retrieve: {
        parameters: {
            query?: {
                /** @description Archived tasks instead of the others. */
                archived?: boolean;
                /** @description Ids of users, `me`, or `none` for tasks of nobody; several by commas. */
                assignee?: string;
                /** @description The first time, included. */
                created_after?: string;
                /** @description The last time, not included. */
                created_before?: string;
                /** @description Ids of users, or `me`; several by commas. */
                creator?: string;
                /** @description The first time, included. */
                due_after?: string;
                /** @description The last time, not included. */
                due_before?: string;
                /** @description `key=value`: tasks whose metadata has this value; may be repeated. */
                metadata?: string[];
                /** @description The caller's active one by default. */
                organization?: string;
                /** @description Only tasks that missed their date, or only others. */
                overdue?: boolean;
                /** @description Ids of tasks, or `none` for tasks that are no part of another; several by commas. */
                parent?: string;
                /** @description One or several, by commas: low, medium, high, urgent. */
                priority?: string;
                /** @description Ids of projects, or `none`; several by commas. */
                project?: string;
                /** @description Words that title, description, tags or comments hold; as search engines take them. */
                search?: string;
                /** @description One or several, by commas: backlog, todo, in_progress, in_review, blocked, done, cancelled. */
                status?: string;
                /** @description Ids of tags, or `none`; several by commas mean any of them. */
                tag?: string;
                /** @description Ids of teams, or `none`; several by commas. */
                team?: string;
                /** @description The first time, included. */
                updated_after?: string;
                /** @description The last time, not included. */
                updated_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Facets"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_search_retrieve: {
        parameters: {
            query: {
                /** @description Archived tasks instead of the others. */
                archived?: boolean;
                /** @description Ids of users, `me`, or `none` for tasks of nobody; several by commas. */
                assignee?: string;
                /** @description The first time, included. */
                created_after?: string;
                /** @description The last time, not included. */
                created_before?: string;
                /** @description Ids of users, or `me`; several by commas. */
                creator?: string;
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The first time, included. */
                due_after?: string;
                /** @description The last time, not included. */
                due_before?: string;
                /** @description `key=value`: tasks whose metadata has this value; may be repeated. */
                metadata?: string[];
                /** @description The caller's active one by default. */
                organization?: string;
                /** @description Only tasks that missed their date, or only others. */
                overdue?: boolean;
                /** @description From 1 to 200. */
                page_size?: number;
                /** @description Ids of tasks, or `none` for tasks that are no part of another; several by commas. */
                parent?: string;
                /** @description One or several, by commas: low, medium, high, urgent. */
                priority?: string;
                /** @description Ids of projects, or `none`; several by commas. */
                project?: string;
                /** @description What to look for. */
                q: string;
                /** @description One or several, by commas: backlog, todo, in_progress, in_review, blocked, done, cancelled. */
                status?: string;
                /** @description Ids of tags, or `none`; several by commas mean any of them. */
                tag?: string;
                /** @description Ids of teams, or `none`; several by commas. */
                team?: string;
                /** @description The first time, included. */
                updated_after?: string;
                /** @description The last time, not included. */
                updated_before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundPage"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tasks_suggest_retrieve: {
        parameters: {
            query: {
                /** @description The caller's active one by default. */
                organization?: string;
                /** @description What to look for. */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suggestions"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    teams_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                /** @description The caller's active one by default. */
                organization?: string;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedTeamList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    teams_create: {
        parameters: {
            query?: {
                /** @description The caller's active one by default. */
                organization?: string;
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamInputRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    teams_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    teams_destroy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    teams_partial_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedTeamInputRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    timeseries_query_retrieve: {
        parameters: {
            query: {
                /** @description Ids; in an address with commas between them. */
                datapoints: number[];
                /** @description The last time, not included. */
                end?: string;
                /**
                 * @description What empty buckets get.
                 *
                 *     * `none` - none
                 *     * `null` - null
                 *     * `previous` - previous
                 *     * `linear` - linear
                 */
                fill?: "none" | "null" | "previous" | "linear";
                /**
                 * @description Instead of the header Accept.
                 *
                 *     * `json` - json
                 *     * `csv` - csv
                 *     * `ndjson` - ndjson
                 */
                format?: "json" | "csv" | "ndjson";
                /** @description Some of avg, min, max, sum, count, first, last; avg by itself. */
                functions?: ("avg" | "min" | "max" | "sum" | "count" | "first" | "last")[];
                /**
                 * @description Without it: samples.
                 *
                 *     * `15m` - 15m
                 *     * `hour` - hour
                 *     * `day` - day
                 *     * `week` - week
                 *     * `month` - month
                 *     * `year` - year
                 */
                interval?: "15m" | "hour" | "day" | "week" | "month" | "year";
                /** @description Samples of each datapoint. */
                limit?: number;
                /** @description Of each datapoint, for charts. */
                max_points?: number;
                /**
                 * @description Of samples.
                 *
                 *     * `asc` - asc
                 *     * `desc` - desc
                 */
                order?: "asc" | "desc";
                /** @description The first time, included. */
                start?: string;
                /** @description In which zone hours, days and so on begin; UTC by itself. */
                tz?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    timeseries_query_create: {
        parameters: {
            query?: {
                /**
                 * @description Instead of the header Accept.
                 *
                 *     * `json` - json
                 *     * `csv` - csv
                 *     * `ndjson` - ndjson
                 */
                format?: "json" | "csv" | "ndjson";
            };
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SeriesQueryRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_list: {
        parameters: {
            query?: {
                /** @description Where the page begins. */
                cursor?: string;
                page_size?: number;
                /** @description Part of a name or an address. */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaginatedUserList"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_retrieve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what is known; 304 if nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_update: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
                /** @description The ETag of what the change starts from; 412 if it is stale. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_deactivate_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_reactivate_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_me_retrieve: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_me_deactivate_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_me_erase_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_me_export_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as a UUID. A request that is repeated with it within a day takes effect once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description An error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
