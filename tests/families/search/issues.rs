//! What people look for in a real tracker: queries over the issues of the GitHub repository
//! `quicwg/base-drafts` (`issues.json`: number, title, and the beginning of the text), each with
//! the issue that comes first.

use std::collections::HashMap;

use serde_json::json;

use super::{found, started, work};

/// The number, the title and the text of each issue, the oldest first.
const ISSUES: &str = include_str!("issues.json");

/// Queries, and the number of the issue that comes first; 0 if nothing is found.
const QUERIES: &[(&str, u32)] = &[
    ("transport draft missing", 2),
    ("TLS editor", 3),
    ("testing notifications", 4),
    ("unicode character", 5),
    ("loss recovery references", 6),
    ("unfinished", 7),
    ("descriptions Google implemented", 8),
    ("decouple ALPN", 12),
    ("ALPN HTTP mapping", 13),
    ("editorconfig", 14),
    ("RST_STREAM error codes", 19),
    ("establish terminology", 23),
    ("forward secrecy", 25),
    ("which bit KEY_PHASE", 26),
    ("KEY_PHASE early data", 27),
    ("big endian", 28),
    ("little endian", 28),
    ("reordering old packets", 32),
    ("decryption failure", 33),
    ("ack rules", 34),
    ("starting packet number", 35),
    ("handshake failures written down", 37),
    ("first flight", 38),
    ("section references", 42),
    ("DAG", 44),
    ("handshake protocol selection", 45),
    ("core protocol error handling", 47),
    ("transport parameter advertisements", 49),
    ("updating transport parameters", 50),
    ("version number scheme", 51),
    ("source address validation", 265),
    ("source address validation TLS", 264),
    ("80-column", 53),
    ("extending flags", 56),
    ("advice STOP_WAITING", 57),
    ("remove STOP_WAITING", 66),
    ("frame type extensions", 58),
    ("ICSL", 59),
    ("stateless reject", 60),
    ("silent close", 61),
    ("path mtu discovery", 64),
    ("explicit congestion notification", 68),
    ("minimum packet size", 69),
    ("application-defined error codes", 74),
    ("SETTINGS synchronization", 75),
    ("CONTINUATION", 76),
    ("end_headers", 76),
    ("happy holidays", 101),
    ("OnPacketSent", 107),
    ("get_delay", 142),
    ("greasing", 112),
    ("GREASE flags byte", 311),
    ("connection migration", 203),
    ("COPT", 116),
    ("scup", 117),
    ("source address token", 118),
    ("version downgrade", 121),
    ("certificate compression", 134),
    ("minimum MTU", 139),
    ("reflection attack", 147),
    ("unidirectional", 175),
    ("HPACK in-order delivery", 228),
    ("connection id collisions", 170),
    ("reason phrase", 187),
    ("\"reason phrases\"", 199),
    ("PSK", 222),
    ("ClientHello single packet", 224),
    ("encrypting packet number", 231),
    ("AEAD", 243),
    ("nonce version negotiation", 244),
    ("line too long", 255),
    ("line to long", 255),
    ("policing", 285),
    ("acking ack", 291),
    ("alignment", 292),
    ("crypto cover", 314),
    ("idle timeout", 326),
    ("TIME_WAIT", 328),
    ("scale flow control", 340),
    ("retransmitting handshake slowly", 344),
    ("GOAWAY error code", 352),
    ("IANA registries", 359),
    ("mid-frame", 364),
    ("out-of-order flow control", 370),
    ("RFC 5827", 373),
    ("DestinationUnreachable", 377),
    ("maximum packet size", 383),
    ("soliciting", 385),
    ("PING", 388),
    ("rejected 0-RTT", 390),
    ("ABNF", 404),
    ("5234", 404),
    ("rewrite overview", 410),
    ("restructure document", 411),
    ("concurrent stream limit", 432),
    ("maximum stream id", 419),
    ("StreamID", 422),
    ("multiple ack frames", 423),
    ("port 443", 428),
    ("partially reliable streams", 433),
    ("head of queue blocking", 435),
    ("SETTINGS TLS handshake", 436),
    ("smurfing", 440),
    ("Huitema", 440),
    ("priority grouping", 441),
    ("split WINDOW_UPDATE", 443),
    ("HOL blocking", 446),
    ("body:BLOCKED reliability", 452),
    ("title:BLOCKED -title:rules", 452),
    ("header bit order", 461),
    ("peer to peer", 462),
    ("packetization", 463),
    ("rename CONNECTION_CLOSE", 464),
    ("SETTINGS_DISABLE_PUSH", 477),
    ("double negative", 477),
    ("congestion -control", 68),
    ("rdma", 0),
];

#[tokio::test]
async fn queries_find_the_issue_that_is_meant_among_real_ones() {
    assert!(QUERIES.len() >= 100, "{}", QUERIES.len());
    let server = started().await;
    let issues: Vec<(u32, String, String)> = serde_json::from_str(ISSUES).expect("issues");
    let mut numbers = HashMap::new();
    for (number, title, body) in issues {
        let id = work(&server, "issue", json!({"title": title, "body": body})).await;
        numbers.insert(id, number);
    }
    let mut wrong = Vec::new();
    for (query, first) in QUERIES {
        let found = found(&server, query).await;
        let found: Vec<u32> = found.iter().map(|id| numbers[id]).collect();
        let number = found.first().copied().unwrap_or(0);
        if number != *first {
            wrong.push(format!("{query}: {found:?} and not {first}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
