//! A request for each operation that the admin of the filled world may call.

use serde_json::{Value, json};

use crate::world::{World, content_template, link_type, sprint_request};

/// Somebody drives a metric of the ticket.
pub fn driven(metric: &str, action: &str) -> Value {
    json!({
        "action": action, "metric": metric, "object": "TKT-1",
        "event_date": "2026-01-01T12:00:00Z",
    })
}

/// A month, as a fragment of a schedule.
pub fn month(number: u32) -> Value {
    let day = |number: u32| format!("2026-{number:02}-01T00:00:00Z");
    json!({"name": "A month", "from": day(number), "to": day(number + 1), "intervals": []})
}

/// A schedule with some fragments.
pub fn schedule(fragments: &[&str]) -> Value {
    let fragments: Vec<_> = fragments.iter().map(|id| json!({"id": id})).collect();
    let week = json!({"period_name": "Office", "intervals": [{"from": 540, "to": 1020}]});
    json!({
        "name": "Hours", "timezone": "UTC", "default_weekly_org_schedule": week,
        "org_schedule_fragments": fragments,
    })
}

fn request_of_schedules(op: &str) -> Option<Value> {
    let published = |id: &str| json!({"id": id, "status": "published"});
    Some(match op {
        "org-schedules.create" => schedule(&[]),
        "org-schedules.get" | "org-schedules.update" => json!({"id": "SCHEDULE-1"}),
        "org-schedules.list" => json!({}),
        "org-schedules.evaluate" => {
            json!({"id": "SCHEDULE-1", "instants": ["2026-01-01T12:00:00Z"]})
        }
        "org-schedules.transition" => published("SCHEDULE-3"),
        "org-schedules.set-future" => {
            json!({"id": "SCHEDULE-2", "org_schedule_fragment_id": "FRAGMENT-2"})
        }
        "org-schedule-fragments.create" => month(5),
        "org-schedule-fragments.get" => json!({"id": "FRAGMENT-1"}),
        "org-schedule-fragments.transition" => published("FRAGMENT-3"),
        _ => return None,
    })
}

impl World {
    /// A request of `op` that succeeds for an admin; `None` for an operation that is not described
    /// here yet.
    pub fn request(&self, op: &str) -> Option<Value> {
        self.request_of_customers(op)
            .or_else(|| self.request_of_people(op))
            .or_else(|| self.request_of_work(op))
            .or_else(|| self.request_of_views(op))
            .or_else(|| self.request_of_slas(op))
            .or_else(|| self.request_of_webhooks(op))
            .or_else(|| request_of_schedules(op))
            .or_else(|| Self::request_of_own(op))
            .or_else(|| self.request_of_schemas(op))
            .or_else(|| self.request_of_talk(op))
    }

    fn request_of_talk(&self, op: &str) -> Option<Value> {
        let comment = &self.comment;
        Some(match op {
            "content-template.create" => content_template("other"),
            "content-template.get" => json!({"id": self.template}),
            "content-template.list" => json!({}),
            "notifications.send" => {
                let metadata = json!([{"content_template": self.template}]);
                let one = json!({"type": "generic_notification", "receiver": "DEVU-1",
                    "event_type": "alert", "metadata": metadata});
                json!({"notifications": [one]})
            }
            "notifications.count" | "notifications.list" => json!({}),
            "notifications.get" => json!({"id": self.notification}),
            "notifications.update" => json!({"ids": [self.notification], "state": "read"}),
            "preferences.get" | "preferences.update" => json!({"object": "DEVU-1"}),
            "reactions.list" => json!({"object": comment, "emoji": "joy"}),
            "reactions.update" => json!({"object": comment, "emoji": "joy", "action": "add"}),
            "subscribers.get" | "subscribers.list" => json!({"id": "ISS-1"}),
            "subscribers.update" => json!({"id": "ISS-1", "subscribers": {"add": ["DEVU-2"]}}),
            "timeline-entries.create" => {
                json!({"type": "timeline_comment", "object": "ISS-1", "body": "New"})
            }
            "timeline-entries.get" | "timeline-entries.update" | "timeline-entries.delete" => {
                json!({"id": comment})
            }
            "timeline-entries.list" => json!({"object": "ISS-1"}),
            _ => return None,
        })
    }

    fn request_of_own(op: &str) -> Option<Value> {
        Some(match op {
            "custom-objects.create" | "custom-objects.list" | "custom-objects.count" => {
                json!({"leaf_type": "campaign"})
            }
            "custom-objects.get" | "custom-objects.update" | "custom-objects.delete" => {
                json!({"id": "C-CMP-1"})
            }
            "link-types.custom.create" => link_type("new"),
            "link-types.custom.get" | "link-types.custom.update" => json!({"id": "LINKTYPE-1"}),
            "link-types.custom.list" | "events.list" => json!({}),
            // It ends.
            "events.stream" => json!({"from": "beginning", "limit": 1}),
            _ => return None,
        })
    }

    fn request_of_customers(&self, op: &str) -> Option<Value> {
        let Self { account, other_account, rev_org, other_rev_org, .. } = self;
        let association = json!([{"associated_to": other_account}]);
        Some(match op {
            "accounts.create" => json!({"display_name": "New"}),
            "accounts.get" | "accounts.update" => json!({"id": account}),
            "accounts.delete" => json!({"id": account}),
            "accounts.list" | "accounts.export" => json!({}),
            "accounts.merge" => {
                json!({"primary_account": account, "secondary_account": other_account})
            }
            "rev-orgs.create" => json!({"account": account, "display_name": "New"}),
            "rev-orgs.get" | "rev-orgs.update" => json!({"id": rev_org}),
            "rev-orgs.delete" => json!({"id": other_rev_org}),
            "rev-orgs.list" => json!({}),
            "rev-users.create" | "rev-users.list" | "rev-users.scan" => json!({}),
            "rev-users.get" | "rev-users.update" => json!({"id": "REVU-1"}),
            "rev-users.delete" => json!({"id": "REVU-3"}),
            "rev-users.merge" => json!({"primary_user": "REVU-1", "secondary_user": "REVU-2"}),
            "rev-users.link" | "rev-users.unlink" => {
                json!({"id": "REVU-1", "rev_org": rev_org})
            }
            "rev-users.associations.add" => {
                json!({"rev_user_id": "REVU-1", "associations": association})
            }
            "rev-users.associations.list" => json!({"rev_user_id": "REVU-1"}),
            "rev-users.associations.remove" => {
                json!({"rev_user_id": "REVU-1", "associations": [other_account]})
            }
            _ => return None,
        })
    }

    fn request_of_people(&self, op: &str) -> Option<Value> {
        let token = &self.token;
        let identity = json!({"dev_user": "DEVU-1", "id": "ada", "issuer": "https://id.example"});
        Some(match op {
            "dev-users.create" => json!({"email": "new@example.org", "state": "shadow"}),
            "dev-users.get" | "dev-users.update" => json!({"id": "DEVU-1"}),
            "dev-users.list" | "dev-users.self" | "dev-users.self.update" => json!({}),
            "dev-users.activate" | "dev-users.deactivate" => json!({"id": "DEVU-5"}),
            "dev-users.merge" => json!({"primary_user": "DEVU-3", "secondary_user": "DEVU-4"}),
            "dev-users.identities.link" => identity,
            "dev-users.identities.unlink" => {
                json!({"dev_user": "DEVU-1", "issuer": "https://id.example"})
            }
            "dev-orgs.get" | "ping" | "sys-users.list" => json!({}),
            "sys-users.update" => json!({"id": "SYSU-1"}),
            "service-accounts.create" => json!({"display_name": "New"}),
            "service-accounts.get" | "service-accounts.update" => json!({"id": "SVCACC-1"}),
            "groups.create" => json!({"name": "New", "description": "new"}),
            "groups.get" | "groups.update" => json!({"id": "GROUP-1"}),
            "groups.list" => json!({}),
            "groups.members.add" | "groups.members.remove" => {
                json!({"group": "GROUP-1", "member": "DEVU-2"})
            }
            "groups.members.list" | "groups.members.count" => json!({"group": "GROUP-1"}),
            "auth-tokens.create" | "auth-tokens.list" | "auth-tokens.info" => json!({}),
            "auth-tokens.get" | "auth-tokens.delete" => json!({"token_id": token}),
            "auth-tokens.update" => json!({"token_id": token, "token_hint": "new"}),
            "auth-tokens.self.delete" => json!({}),
            _ => return None,
        })
    }

    fn request_of_work(&self, op: &str) -> Option<Value> {
        Some(match op {
            "works.create" => self.work("issue"),
            "works.get" | "works.update" => json!({"id": "ISS-1"}),
            "works.delete" => json!({"id": "ISS-1"}),
            "works.revert" => json!({"id": "ISS-1", "revision": 1}),
            "search.core" => json!({"query": "title"}),
            "search.hybrid" => json!({"query": "title", "namespace": "work"}),
            "works.list" | "works.export" | "works.count" => json!({}),
            "links.create" => {
                json!({"link_type": "is_related_to", "source": "TASK-1", "target": "ISS-1"})
            }
            "links.get" | "links.delete" => json!({"id": self.link}),
            "links.list" => json!({"object": "TASK-1"}),
            "links.replace" => json!({"id": self.link, "link_type": "is_dependent_on",
                "source": "ISS-1", "target": "TASK-1"}),
            "parts.create" => json!({"type": "product", "name": "New", "owned_by": ["DEVU-1"]}),
            "parts.get" | "parts.update" => json!({"id": "PROD-1"}),
            "parts.delete" => json!({"id": "CAPL-1"}),
            "parts.list" => json!({}),
            "snap-widgets.create" => json!({"type": "email_preview", "name": "Mail"}),
            "tags.create" => json!({"name": "new"}),
            "tags.get" | "tags.update" => json!({"id": "TAG-1"}),
            "tags.delete" => json!({"id": "TAG-1"}),
            "tags.list" => json!({}),
            "artifacts.prepare" => json!({"file_name": "new.txt"}),
            "artifacts.get" | "artifacts.locate" => json!({"id": "ARTIFACT-1"}),
            "artifacts.list" => json!({"parent_id": "ISS-1"}),
            "artifacts.versions.prepare" => json!({"id": "ARTIFACT-1"}),
            "artifacts.versions.delete" => {
                json!({"id": "ARTIFACT-1", "version": "1"})
            }
            _ => return None,
        })
    }

    fn request_of_schemas(&self, op: &str) -> Option<Value> {
        Some(match op {
            "schemas.custom.set" => json!({
                "type": "tenant_fragment", "leaf_type": "ticket", "description": "All tickets",
            }),
            "schemas.custom.get" => json!({"id": self.fragment}),
            "schemas.custom.list" | "schemas.stock.list" | "schemas.subtypes.list" => json!({}),
            "schemas.stock.get" | "schemas.aggregated.get" => json!({"leaf_type": "issue"}),
            "schemas.subtypes.prepare-update" => json!({"leaf_type": "issue"}),
            _ => return None,
        })
    }

    fn request_of_views(&self, op: &str) -> Option<Value> {
        let Self { stage, state, sprint, .. } = self;
        Some(match op {
            "stages.custom.create" => {
                json!({"name": "new stage", "state": state, "ordinal": 1})
            }
            "stages.custom.get" | "stages.custom.update" => json!({"id": stage}),
            "states.custom.create" => json!({"name": "new state", "ordinal": 7}),
            "states.custom.get" | "states.custom.update" => json!({"id": state}),
            "stage-diagrams.create" => json!({
                "leaf_type": "issue", "name": "new diagram",
                "stages": [{"stage_id": stage, "is_start": true}],
            }),
            "stage-diagrams.get" | "stage-diagrams.update" => json!({"id": "DIAGRAM-1"}),
            "stages.custom.list" | "states.custom.list" | "stage-diagrams.list" => json!({}),
            "vistas.create" => {
                json!({"type": "grouped", "filter_type": "works", "name": "New"})
            }
            "vistas.get" => json!({"id": "VISTA-1"}),
            "vistas.delete" => json!({"id": "VISTA-2"}),
            "vistas.list" | "vistas.groups.list" => json!({}),
            "vistas.groups.create" => sprint_request(),
            "vistas.groups.get" | "vistas.groups.update" | "vistas.groups.delete" => {
                json!({"id": sprint})
            }
            _ => return None,
        })
    }

    fn request_of_slas(&self, op: &str) -> Option<Value> {
        Some(match op {
            "metric-definitions.create" => json!({"name": "New", "applies_to": ["ticket"]}),
            "metric-definitions.get" | "metric-definitions.update" => json!({"id": "METRIC-6"}),
            "metric-definitions.delete" => json!({"id": "METRIC-6"}),
            "metric-definitions.list" | "slas.list" | "sla-trackers.list" => json!({}),
            "sla-trackers.get" | "sla-trackers.explain" => json!({"id": "SLATRACKER-1"}),
            "sla-trackers.remove-metric" => json!({"metric": "METRIC-3", "object": "TKT-1"}),
            "metric-trackers.get" => json!({"metric": "METRIC-6", "object": "TKT-1"}),
            "metric-action.execute" => driven("METRIC-6", "pause"),
            "slas.create" => json!({"name": "New"}),
            "slas.get" | "slas.update" => json!({"id": "SLA-1"}),
            "slas.transition" => json!({"id": "SLA-2", "status": "published"}),
            "slas.assign" => json!({"id": "SLA-1", "rev_orgs": [self.rev_org]}),
            _ => return None,
        })
    }

    fn request_of_webhooks(&self, op: &str) -> Option<Value> {
        let (webhook, event) = (&self.webhook, &self.webhook_event);
        Some(match op {
            "webhooks.create" => json!({"url": "https://b.example/hook"}),
            "webhooks.get" | "webhooks.update" | "webhooks.delete" => json!({"id": webhook}),
            "webhooks.list" => json!({}),
            "webhooks.event" => json!({"id": event, "webhook_id": webhook}),
            "webhooks.fetch" => json!({"id": webhook, "object": "ISS-1"}),
            "webhooks.deliveries.list" => json!({"webhook": webhook}),
            "webhooks.deliveries.get" | "webhooks.deliveries.redeliver" => json!({"id": event}),
            _ => return None,
        })
    }

    /// The request that creates a work of that kind.
    pub fn work(&self, kind: &str) -> Value {
        let mut request = json!({"type": kind, "title": "New", "owned_by": ["DEVU-1"]});
        match kind {
            "opportunity" => request["account"] = json!(self.account),
            "task" => {}
            _ => request["applies_to_part"] = json!("PROD-1"),
        }
        request
    }

    /// The request of `op` for a variant of its objects: `tag` is the member that selects it.
    pub fn request_of(&self, op: &str, tag: &str, variant: &str) -> Option<Value> {
        let mut request = self.request(op)?;
        match (op, variant) {
            ("works.create", kind) => return Some(self.work(kind)),
            ("works.update", "ticket") => request["id"] = json!("TKT-1"),
            ("works.update", "task") => request["id"] = json!("TASK-1"),
            ("works.update", "opportunity") => request["id"] = json!("OPP-1"),
            ("schemas.custom.set", "custom_type_fragment") => request["subtype"] = json!("x"),
            ("schemas.custom.set", "app_fragment") => request["app"] = json!("x"),
            ("parts.update", "capability") => request["id"] = json!("CAPL-1"),
            ("parts.update", "enhancement") => request["id"] = json!("ENH-1"),
            ("parts.create", "capability" | "feature" | "enhancement") => {
                request["parent_part"] = json!(["PROD-1"]);
            }
            _ => {}
        }
        request[tag] = json!(variant);
        Some(request)
    }
}
