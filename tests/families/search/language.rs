//! What queries find: a hundred of them, each with the object that must come first, among texts in
//! many languages.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{comment, found, started, work};

/// The titles and bodies of issues; the number of each is its place, counted from 1.
const TEXTS: &[(&str, &str)] = &[
    ("Stream limits are off by one", "A peer may open one stream more than MAX_STREAMS allows."),
    (
        "Handshake fails behind some firewalls",
        "The ClientHello is dropped when it spans two datagrams (MTU 1200).",
    ),
    (
        "Clarify when a connection ID is retired",
        "RETIRE_CONNECTION_ID may race with NEW_CONNECTION_ID.",
    ),
    ("Packet number encoding wastes a byte", "Truncated packet numbers could use 24 bits."),
    (
        "Idle timeout is not reset by acknowledgements",
        "Only packets that elicit an ACK should restart the timer.",
    ),
    ("Spelling: recieve → receive", "Found in three sections of the draft."),
    (
        "Congestion window collapses after a spurious loss",
        "With cubic, the window never recovers; see http://example.org/cubic.",
    ),
    ("Priority of pushed responses", "Server push has no priority until the client sends one."),
    (
        "Version negotiation downgrade attack",
        "An attacker can force version 1 although both support version 2.",
    ),
    (
        "Key update during path migration",
        "Two key updates in flight confuse the receiver's key phase.",
    ),
    ("std::io::Error hides the cause", "In src/client_main.rs the error of the socket is lost."),
    ("C++ bindings leak memory", "The destructor of HttpServer does not free its buffers."),
    (
        "Störung der Verbindung nach dem Wechsel ins WLAN",
        "Größe und Länge der Pakete prüfen; die Übertragung bricht ab.",
    ),
    ("La connexion échoue après la mise à jour", "Déjà vu : le serveur répond très lentement."),
    ("El árbol de prioridades está vacío", "¿Por qué no se envía la configuración del año pasado?"),
    ("Соединение обрывается при смене сети", "Ещё раз: мой телефон теряет пакеты."),
    ("Η σύνδεση διακόπτεται", "Το δίκτυο αλλάζει και ο Σίσυφος περιμένει."),
    ("水位計の校正がずれる", "センサーの値が更新後に二センチずつずれていく。"),
    ("登录页面无法加载", "用户点击按钮之后页面一直显示空白,服务器没有响应。"),
    ("로그인 화면이 열리지 않습니다", "서버에서 응답이 없고 인증서가 만료되었습니다."),
    ("หน้าเข้าสู่ระบบไม่โหลด", "เซิร์ฟเวอร์ไม่ตอบสนองหลังการอัปเดต"),
    ("شاشة الدخول لا تعمل", "الخادم لا يستجيب بعد التحديث"),
    ("מסך הכניסה אינו נטען", "השרת אינו מגיב לאחר העדכון"),
    ("लॉगिन पृष्ठ नहीं खुलता", "सर्वर अद्यतन के बाद उत्तर नहीं देता"),
    ("Łącze przerywa się w Łodzi", "Żółta dioda miga, a urządzenie nie odpowiada."),
    ("İstanbul sunucusu yanıt vermiyor", "Güncelleme sonrası bağlantı kesiliyor."),
    ("Kết nối bị ngắt khi đổi mạng", "Máy chủ không phản hồi sau khi cập nhật."),
    ("Crash in utf8 decoder", "A 4-byte sequence such as 🦀 ends the process (exit code 134)."),
    ("Release 0.29.1 misses a changelog", "The tag v0.29.1 was pushed without notes."),
    ("E-mail notifications arrive twice", "ops@example.org got two mails for build #4711."),
];

/// Queries, and the number of the issue that comes first; 0 if nothing is found.
const QUERIES: &[(&str, usize)] = &[
    // Words, in titles and bodies, in any order and case.
    ("stream limits", 1),
    ("LIMITS stream", 1),
    ("MAX_STREAMS", 1),
    ("max_streams allows", 1),
    ("firewalls", 2),
    ("clienthello", 2),
    ("MTU 1200", 2),
    ("datagrams dropped", 2),
    ("connection id retired", 3),
    ("RETIRE_CONNECTION_ID", 3),
    ("new_connection_id race", 3),
    ("packet number", 4),
    ("24 bits", 4),
    ("idle timeout", 5),
    ("elicit ACK", 5),
    ("recieve", 6),
    ("receive", 6),
    ("congestion window", 7),
    ("cubic", 7),
    ("spurious loss window", 7),
    ("server push", 8),
    ("pushed responses", 8),
    ("version negotiation", 9),
    ("attacker version 2", 9),
    ("key update", 10),
    ("key phase", 10),
    ("receiver's key", 10),
    // Phrases: side by side, in this order.
    ("\"stream limits\"", 1),
    ("\"limits stream\"", 0),
    ("\"two datagrams\"", 2),
    ("\"datagrams two\"", 0),
    ("“connection ID”", 3),
    ("\"packet number encoding\"", 4),
    ("\"server push has no priority\"", 8),
    // Beginnings of words, and a word that is being typed.
    ("handsh*", 2),
    ("cong* win*", 7),
    ("negot", 9),
    ("packet numb", 4),
    ("notif", 30),
    ("andshake", 0),
    ("handshke", 0),
    // Exclusions.
    ("window -collapses", 0),
    ("version -negotiation -release", 0),
    ("packet -idle -number", 0),
    ("login -页面", 0),
    ("key -firewalls", 10),
    // Texts and titles.
    ("title:version", 9),
    ("body:version", 9),
    ("title:cubic", 0),
    ("body:cubic", 7),
    ("title:\"key update\"", 10),
    ("body:\"key update\"", 0),
    // What programs write.
    ("std::io::Error", 11),
    ("client_main.rs", 11),
    ("src/client_main.rs", 11),
    ("HttpServer", 12),
    ("httpserver", 12),
    ("C++", 12),
    ("http://example.org/cubic", 7),
    ("utf8", 28),
    ("exit code 134", 28),
    ("0.29.1", 29),
    ("v0.29.1", 29),
    ("ops@example.org", 30),
    ("#4711", 30),
    ("e-mail", 30),
    // Other languages, with and without their marks.
    ("Störung", 13),
    ("storung", 13),
    ("GRÖSSE", 13),
    ("grosse", 13),
    ("übertragung", 13),
    ("échoue", 14),
    ("echoue", 14),
    ("deja vu", 14),
    ("árbol vacío", 15),
    ("arbol vacio", 15),
    ("configuracion", 15),
    ("соединение", 16),
    ("СЕТИ", 16),
    ("еще раз", 16),
    ("мой", 16),
    ("σύνδεση", 17),
    ("ΣΥΝΔΕΣΗ", 17),
    ("σίσυφος", 17),
    ("lodz", 25),
    ("łodzi", 25),
    ("lodzi", 25),
    ("żółta", 25),
    ("istanbul", 26),
    ("guncelleme", 26),
    ("kết nối", 27),
    ("ket noi", 27),
    // Languages without spaces.
    ("水位", 18),
    ("水位計", 18),
    ("校正", 18),
    ("水", 18),
    ("センサー", 18),
    ("二センチ", 18),
    ("水計", 0),
    ("登录", 19),
    ("页面", 19),
    ("无法加载", 19),
    ("服务器", 19),
    ("로그인", 20),
    ("인증서", 20),
    ("เข้าสู่ระบบ", 21),
    ("เซิร์ฟเวอร์", 21),
    // Right to left, and Devanagari.
    ("الدخول", 22),
    ("הכניסה", 23),
    ("लॉगिन", 24),
    ("सर्वर", 24),
    // Ids.
    ("?!", 0),
    ("u*", 0),
    ("ISS-7", 7),
    ("iss-12", 12),
    ("ISS-99", 0),
];

async fn with_texts() -> Server {
    let server = started().await;
    for (title, body) in TEXTS {
        work(&server, "issue", json!({"title": title, "body": body})).await;
    }
    server
}

#[tokio::test]
async fn queries_find_what_they_mean_in_any_language() {
    assert!(QUERIES.len() >= 100, "{}", QUERIES.len());
    let server = with_texts().await;
    let mut wrong = Vec::new();
    for (query, first) in QUERIES {
        let found = found(&server, query).await;
        let number = found.first().map_or("", |id| id.trim_start_matches("ISS-"));
        if number.parse().unwrap_or(0) != *first {
            wrong.push(format!("{query}: {found:?} and not ISS-{first}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn filters_take_ids_names_and_me() {
    let server = started().await;
    let tag = json!({"name": "Urgent matter"});
    server.call("tags.create", tag).await.ok();
    let user = json!({"email": "eve@example.org", "full_name": "Eve Example", "state": "shadow"});
    let eve = server.call("dev-users.create", user).await.ok()["dev_user"]["id"].clone();
    server.call("dev-users.activate", json!({"id": eve})).await.ok();
    let part = json!({"type": "product", "name": "Load balancer", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    let members = |more: Value| {
        let mut members = json!({"title": "Wave"});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        members
    };
    work(&server, "issue", members(json!({"priority": "p0"}))).await;
    work(&server, "ticket", members(json!({"severity": "blocker", "owned_by": [eve]}))).await;
    work(&server, "issue", members(json!({"tags": [{"id": "TAG-1"}]}))).await;
    work(&server, "task", members(json!({"applies_to_part": "PROD-2"}))).await;
    let update = json!({"id": "ISS-1", "stage": {"name": "completed"}});
    server.call("works.update", update).await.ok();
    comment(&server, "TKT-1", "A wave of comments on the ticket of Eve").await;
    for (query, expected) in [
        ("wave type:ticket", &["TKT-1"][..]),
        ("wave type:ticket,task", &["TASK-1", "TKT-1"]),
        ("wave -type:issue", &["TASK-1", "TKT-1"]),
        ("wave type:work type:issue", &["ISS-1", "ISS-2"]),
        ("wave type:article", &[]),
        ("wave owner:me", &["ISS-1", "TASK-1", "ISS-2"]),
        ("wave owner:eve", &["TKT-1"]),
        ("wave owner:\"Eve Example\"", &["TKT-1"]),
        ("wave owned_by:DEVU-2", &["TKT-1"]),
        ("comments owner:DEVU-2", &["TKT-1"]),
        ("comments owner:DEVU-1", &[]),
        ("comments type:issue", &[]),
        ("wave -owner:DEVU-1", &["TKT-1"]),
        ("wave tag:\"urgent matter\"", &["ISS-2"]),
        ("wave tag:TAG-1", &["ISS-2"]),
        ("wave tag:nothing", &[]),
        ("wave part:balancer", &["TASK-1"]),
        ("wave part:PROD-1,PROD-2 type:task", &["TASK-1"]),
        ("wave priority:p0", &["ISS-1"]),
        ("wave severity:Blocker", &["TKT-1"]),
        ("wave state:closed", &["ISS-1"]),
        ("wave state:open type:issue", &["ISS-2"]),
        ("wave stage:completed", &["ISS-1"]),
        ("wave created_by:me type:task", &["TASK-1"]),
        ("state:closed", &["ISS-1"]),
        ("type:product", &["PROD-2", "PROD-1"]),
    ] {
        assert_eq!(found(&server, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn records_of_the_orgs_own_types_are_found_by_their_words_and_ids() {
    let server = started().await;
    let schema = json!({
        "type": "tenant_fragment", "leaf_type": "campaign", "description": "d",
        "is_custom_leaf_type": true, "id_prefix": "CAMP", "fields": [],
    });
    server.call("schemas.custom.set", schema).await.ok();
    let object = json!({
        "leaf_type": "campaign", "title": "Spring walrus", "unique_key": "spring-1",
    });
    server.call("custom-objects.create", object).await.ok();
    for query in ["walrus", "leaf_type:campaign", "C-CAMP-1", "spring-1", "type:custom_object"] {
        assert_eq!(found(&server, query).await, ["C-CAMP-1"], "{query}");
    }
    assert!(found(&server, "walrus leaf_type:other").await.is_empty());
}
