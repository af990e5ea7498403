//! A filled server, and a request for each of its operations.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt;
use worksmith_engine::Tx;
use worksmith_kernel::{Actor, OpCtx};
use worksmith_org::tokens::Token;
use worksmith_tests::{ADMIN, Server, Setup};
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::digest::{Digest, digest};
use crate::requests::{driven, month, schedule};

/// The token of the admin of the second org.
pub const STRANGER: &str = "test-token-of-another-org";
/// The token of DEVU-2, who is not an admin.
pub const MEMBER: &str = "test-token-of-a-member";
/// The token of REVU-1, a contact.
pub const CUSTOMER: &str = "test-token-of-a-customer";
/// An expired token of the admin.
pub const EXPIRED: &str = "test-token-expired";
/// A revoked token of the admin.
pub const REVOKED: &str = "test-token-revoked";

/// The media type of streams of events.
const STREAM: &str = "text/event-stream";

/// A server with an object of every kind.
pub struct World {
    pub server: Server,
    /// The first org, as it is spelled in ids.
    pub org: String,
    /// ACC-.. and its default workspace, and a second account.
    pub account: String,
    pub rev_org: String,
    pub other_account: String,
    pub other_rev_org: String,
    /// A token of the admin that can be changed and deleted.
    pub token: String,
    pub sprint: String,
    pub stage: String,
    pub state: String,
    /// The fragment of all issues.
    pub fragment: String,
    /// The link from ISS-1 to TASK-1.
    pub link: String,
    /// The comment on ISS-1.
    pub comment: String,
    /// A content template.
    pub template: String,
    /// What the admin was told of PROD-1.
    pub notification: String,
    /// An active webhook, and an event that it was told of.
    pub webhook: String,
    pub webhook_event: String,
}

/// An answer as it was received.
pub struct Raw {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Raw {
    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("no JSON: {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// Sends bytes as they are; `path` begins with its slash.
pub async fn raw(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &[u8])],
    body: impl Into<Body>,
) -> Raw {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value).expect("a header"));
    }
    let request = request.body(body.into()).expect("a request");
    let response = server.router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = if parts.headers.get("content-type").is_some_and(|kind| kind == STREAM) {
        // It may go on for ever.
        let first = body.into_data_stream().next().await;
        first.expect("a beginning").expect("bytes").to_vec()
    } else {
        axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec()
    };
    Raw { status: parts.status, headers: parts.headers, bytes }
}

fn first_user(email: &str, org_name: &str) -> FirstUser {
    FirstUser {
        email: email.to_owned(),
        display_name: "Eve".to_owned(),
        org_name: org_name.to_owned(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

impl World {
    /// Fills a server.
    pub async fn start() -> Self {
        Self::start_as(Setup::default()).await
    }

    /// Fills a server with a setup of the test's own.
    pub async fn start_as(setup: Setup) -> Self {
        let server = Server::start_as(setup).await;
        let me = server.call("dev-users.self", json!({})).await.ok();
        let org = text(&me["dev_user"]["id"]);
        let org = org.split("devo/").nth(1).and_then(|rest| rest.split(':').next());
        let org = org.expect("an org").to_owned();
        let make = async |op: &str, request: Value| server.call(op, request).await.ok();

        make("tags.create", json!({"name": "core", "allowed_values": ["v"]})).await;
        make("tags.create", json!({"name": "plain"})).await;
        for (number, name) in ["ben", "cid", "dan", "eli"].into_iter().enumerate() {
            let email = format!("{name}@example.org");
            make("dev-users.create", json!({"email": email, "state": "shadow"})).await;
            make("dev-users.activate", json!({"id": format!("DEVU-{}", number + 2)})).await;
        }
        let acme = make("accounts.create", json!({"display_name": "Acme"})).await;
        let other = make("accounts.create", json!({"display_name": "Other"})).await;
        let account = text(&acme["account"]["display_id"]);
        let rev_org = text(&acme["default_rev_org"]["display_id"]);
        let other_account = text(&other["account"]["display_id"]);
        let spare = json!({"account": account, "display_name": "Spare"});
        let spare = make("rev-orgs.create", spare).await;
        for name in ["ana", "bob", "cyn"] {
            let email = format!("{name}@customer.example");
            make("rev-users.create", json!({"email": email, "rev_org": rev_org})).await;
        }
        for request in [
            json!({"type": "product", "name": "Rocket", "owned_by": ["DEVU-1"]}),
            json!({"type": "capability", "name": "Engine", "owned_by": ["DEVU-1"],
                "parent_part": ["PROD-1"]}),
            json!({"type": "enhancement", "name": "Boost", "owned_by": ["DEVU-1"],
                "parent_part": ["PROD-1"]}),
        ] {
            make("parts.create", request).await;
        }
        for kind in ["issue", "ticket"] {
            let request = json!({"type": kind, "title": "A work", "owned_by": ["DEVU-1"],
                "applies_to_part": "PROD-1", "tags": [{"id": "TAG-1", "value": "v"}]});
            make("works.create", request).await;
        }
        let task = json!({"type": "task", "title": "A step", "owned_by": ["DEVU-1"]});
        make("works.create", task).await;
        let deal = json!({"type": "opportunity", "title": "A deal", "owned_by": ["DEVU-1"],
            "account": account});
        make("works.create", deal).await;
        let link = json!({"link_type": "is_dependent_on", "source": "ISS-1", "target": "TASK-1"});
        let link = make("links.create", link).await;
        let group = json!({"name": "Team", "description": "us", "type": "static"});
        make("groups.create", group).await;
        let metric = json!({"name": "Time to fix", "applies_to": ["ticket"]});
        make("metric-definitions.create", metric).await;
        for metric in ["METRIC-3", "METRIC-6"] {
            make("metric-action.execute", driven(metric, "start")).await;
        }
        for name in ["Gold", "Silver"] {
            make("slas.create", json!({"name": name})).await;
        }
        for number in 1..=3 {
            make("org-schedule-fragments.create", month(number)).await;
        }
        for id in ["FRAGMENT-1", "FRAGMENT-2"] {
            let published = json!({"id": id, "status": "published"});
            make("org-schedule-fragments.transition", published).await;
        }
        make("org-schedules.create", schedule(&[])).await;
        make("org-schedules.create", schedule(&["FRAGMENT-1"])).await;
        make("org-schedules.create", schedule(&[])).await;
        let published = json!({"id": "SCHEDULE-2", "status": "published"});
        make("org-schedules.transition", published).await;
        let board = json!({"type": "grouped", "filter_type": "works", "flavor": "sprint_board",
            "name": "Sprints"});
        make("vistas.create", board).await;
        let sprint = make("vistas.groups.create", sprint_request()).await;
        let sprint = text(&sprint["vista_group"]["id"]);
        make("artifacts.prepare", json!({"file_name": "a.txt"})).await;
        make("schemas.custom.set", campaigns()).await;
        make("custom-objects.create", json!({"leaf_type": "campaign", "title": "Spring"})).await;
        make("link-types.custom.create", link_type("blocks")).await;
        make("service-accounts.create", json!({"display_name": "Robot"})).await;
        let stages = make("stages.custom.list", json!({})).await;
        let states = make("states.custom.list", json!({})).await;
        let fragment = json!({"type": "tenant_fragment", "leaf_type": "issue", "description": "",
            "fields": [{"name": "cost", "field_type": "int"}]});
        let fragment = make("schemas.custom.set", fragment).await;
        let template = make("content-template.create", content_template("one")).await;
        let comment = json!({"type": "timeline_comment", "object": "ISS-1", "body": "Why?"});
        let comment = make("timeline-entries.create", comment).await;

        let webhook = json!({"url": "https://a.example/hook"});
        let webhook = text(&make("webhooks.create", webhook).await["webhook"]["id"]);
        server.hooks().0.work_off().await.expect("webhooks told");
        let told = make("webhooks.deliveries.list", json!({"webhook": webhook})).await;

        let world = Self {
            org,
            account,
            rev_org,
            other_account,
            other_rev_org: text(&spare["rev_org"]["display_id"]),
            token: String::new(),
            sprint,
            stage: text(&stages["result"][0]["id"]),
            state: text(&states["result"][0]["id"]),
            fragment: text(&fragment["id"]),
            link: text(&link["link"]["id"]),
            comment: text(&comment["timeline_entry"]["id"]),
            template: text(&template["content_template"]["id"]),
            notification: String::new(),
            webhook,
            webhook_event: text(&told["deliveries"][0]["id"]),
            server,
        };
        world.issue_tokens().await
    }

    async fn issue_tokens(mut self) -> Self {
        let (admin, member, contact) =
            (user(Kind::DevUser, 1), user(Kind::DevUser, 2), user(Kind::RevUser, 1));
        self.issue(MEMBER, member, |_| {}).await;
        self.issue(CUSTOMER, contact, |_| {}).await;
        let comment = json!({"type": "timeline_comment", "object": "PROD-1", "body": "DEVU-1!"});
        self.server.call_as(MEMBER, "timeline-entries.create", comment).await.ok();
        self.server.tell(None).await;
        let told = self.server.call("notifications.list", json!({})).await.ok();
        self.notification = text(&told["notifications"][0]["id"]);
        self.issue(EXPIRED, admin.clone(), |token| token.expires_at = Some(Timestamp(1))).await;
        self.issue(REVOKED, admin.clone(), |token| token.revoked_at = Some(Timestamp(1))).await;
        let id = self.issue("test-token-to-be-changed", admin, |_| {}).await;
        self.token = id.don(&self.context().org);
        let first = first_user("eve@elsewhere.example", "Elsewhere");
        let Server { engine, environment, .. } = &self.server;
        bootstrap::create_org(engine, environment, "elsewhere", &first, Some(STRANGER))
            .await
            .expect("a second org");
        self
    }

    /// A context of the server itself in the first org.
    pub fn context(&self) -> OpCtx {
        self.server.environment.context(&self.org, Actor::system())
    }

    /// A transaction of the server itself in the first org.
    pub fn begin(&self) -> Tx {
        self.server.engine.begin(&self.context())
    }

    /// A token with this text; returns its id.
    pub async fn issue(&self, text: &str, subject: Id, change: impl FnOnce(&mut Token)) -> Id {
        let mut tx = self.begin();
        let mut token = Token::personal(&self.context(), subject, text, "test");
        change(&mut token);
        let id = tx.insert(Kind::Token, token).await.expect("a token").id().clone();
        tx.finish().await.expect("a commit");
        id
    }

    /// The DON of an object of the first org.
    pub fn don(&self, id: &Id) -> String {
        id.don(&self.context().org)
    }

    /// A digest of every row of every table.
    pub fn digest(&self) -> Digest {
        digest(&self.server, None)
    }
}

fn user(kind: Kind, number: u64) -> Id {
    Id::numbered(kind, number)
}

/// The request that creates the leaf type of C-CMP-1.
fn campaigns() -> Value {
    json!({"type": "tenant_fragment", "leaf_type": "campaign", "is_custom_leaf_type": true,
        "description": "What sells", "id_prefix": "CMP", "fields": [
            {"name": "budget", "field_type": "int", "is_filterable": true}]})
}

/// The request that creates a content template.
pub fn content_template(name: &str) -> Value {
    json!({"type": "notification_content_template", "name": name,
        "defaults": [{"title": "A title", "body": "A text"}]})
}

/// The request that creates a type of links.
pub fn link_type(name: &str) -> Value {
    let issues = json!([{"leaf_type": "issue"}]);
    json!({"name": name, "forward_name": name, "backward_name": name, "source_types": issues,
        "target_types": issues})
}

pub fn sprint_request() -> Value {
    json!({"parent_id": "VISTA-1", "name": "Sprint", "start_date": "2026-01-01T00:00:00Z",
        "end_date": "2026-01-15T00:00:00Z"})
}

/// Sends a POST with a token, and returns the status and the body.
pub async fn post(server: &Server, token: &str, op: &str, request: &Value) -> (u16, Value) {
    let headers: &[(&str, &[u8])] =
        &[("authorization", token.as_bytes()), ("content-type", b"application/json")];
    let answer = raw(server, "POST", &format!("/{op}"), headers, request.to_string()).await;
    let body = match answer.header("content-type") {
        _ if answer.bytes.is_empty() => Value::Null,
        STREAM => String::from_utf8_lossy(&answer.bytes).into(),
        _ => answer.json(),
    };
    (answer.status.as_u16(), body)
}

/// Sends a POST as the admin.
pub async fn as_admin(server: &Server, op: &str, request: &Value) -> (u16, Value) {
    post(server, ADMIN, op, request).await
}
