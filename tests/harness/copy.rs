//! A client's copy of an org, made from the feed alone (BEHAVIOUR 21).

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What the ids of comments, those of links in timelines, and those of links contain.
const COMMENT: &str = ":comment/";
const LINK_EVENT: &str = ":timeline_link_event/";
const LINK: &str = ":link/";

/// The objects by their ids.
#[derive(Clone, Debug, Default)]
pub struct Copy {
    objects: BTreeMap<String, Value>,
    /// How others show each object.
    summaries: BTreeMap<String, Value>,
    /// The revision of each object.
    revisions: BTreeMap<String, u64>,
}

/// Whether an object is seen with others.
fn is_seen_with(id: &str) -> bool {
    [COMMENT, LINK_EVENT, LINK].iter().any(|part| id.contains(part))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

impl Copy {
    /// Follows an event.
    pub fn apply(&mut self, event: &Value) {
        let id = text(&event["object"]["id"]);
        let revision = event["revision"].as_u64().expect("a revision");
        let before = self.revisions.insert(id.clone(), revision);
        let kind = event["type"].as_str().expect("a type");
        match kind {
            "created" => assert_eq!((before, revision), (None, 1), "{event}"),
            "shown" => {}
            "updated" => assert_eq!(before, Some(revision - 1), "{event}"),
            // Whoever comes late is told that something is gone that they never had.
            _ => {}
        }
        match kind {
            "created" => self.put(&id, &event["new"]),
            "shown" => {
                self.put(&id, &event["new"]);
                for also in event["also_shown"].as_array().into_iter().flatten() {
                    let id = text(&also["object"]["id"]);
                    self.put(&id, &also["new"]);
                    let revision = also["revision"].as_u64().expect("a revision");
                    self.revisions.insert(id, revision);
                }
            }
            "updated" => {
                let object = self.objects.get_mut(&id).expect("an object to change");
                let object = object.as_object_mut().expect("an object");
                let (old, new) = (&event["old"], &event["new"]);
                for (name, value) in old.as_object().expect("members") {
                    // A client that has followed everything has what the event began with, except
                    // for what other objects have become since.
                    assert!(object.contains_key(name), "{name}: {event}");
                    let is_plain = value.is_string() || value.is_number() || value.is_boolean();
                    assert!(!is_plain || object.get(name) == Some(value), "{name}: {event}");
                    object.remove(name);
                }
                object.extend(new.as_object().expect("members").clone());
            }
            "deleted" | "hidden" => self.forget(&id),
            other => panic!("{other}"),
        }
        if event["summary"]["id"] == id.as_str() {
            self.summaries.insert(id, event["summary"].clone());
        }
    }

    fn put(&mut self, id: &str, object: &Value) {
        self.objects.insert(id.to_owned(), object.clone());
    }

    /// Drops an object, and what is seen with it: the entries of its timeline, with their
    /// replies, and its links.
    fn forget(&mut self, id: &str) {
        if self.objects.remove(id).is_none() {
            return;
        }
        let is_with = |object: &Value| {
            object["object"] == id || object["source"]["id"] == id || object["target"]["id"] == id
        };
        let with =
            self.objects.iter().filter(|(other, object)| is_seen_with(other) && is_with(object));
        let with: Vec<String> = with.map(|(other, _)| other.clone()).collect();
        with.iter().for_each(|other| self.forget(other));
    }

    /// An object as answers show it now.
    pub fn object(&self, id: &str) -> Option<Value> {
        let mut object = self.objects.get(id)?.clone();
        self.refresh_members(&mut object);
        if id.contains(COMMENT) {
            let replies = self.objects.values().filter(|other| other["object"] == id).count();
            if replies > 0 {
                object["thread"] = json!({"total_replies": replies});
            }
        }
        Some(object)
    }

    /// The ids of all objects.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.objects.keys()
    }

    /// Replaces the summaries within a value by the newest ones.
    fn refresh(&self, value: &mut Value) {
        let id = value.get("id").and_then(Value::as_str);
        if let Some(newest) = id.and_then(|id| self.summaries.get(id)) {
            *value = newest.clone();
        }
        self.refresh_members(value);
    }

    fn refresh_members(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.refresh(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.refresh(member)),
            _ => {}
        }
    }
}
