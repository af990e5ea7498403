//! A client's copy of an org, made from the feed alone.

use std::collections::BTreeMap;

use serde_json::Value;

/// The objects by their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Copy {
    objects: BTreeMap<String, Value>,
    /// How others show each object.
    summaries: BTreeMap<String, Value>,
    /// The revision of each object.
    revisions: BTreeMap<String, u64>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

impl Copy {
    /// Follows an event.
    pub(super) fn apply(&mut self, event: &Value) {
        let id = text(&event["object"]["id"]);
        let revision = event["revision"].as_u64().expect("a revision");
        let before = self.revisions.insert(id.clone(), revision);
        let kind = event["type"].as_str().expect("a type");
        match kind {
            "created" => assert_eq!((before, revision), (None, 1), "{event}"),
            "shown" => {}
            "updated" => assert_eq!(before, Some(revision - 1), "{event}"),
            _ => assert!(before.is_some(), "{event}"),
        }
        match kind {
            "created" | "shown" => drop(self.objects.insert(id.clone(), event["new"].clone())),
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
            "deleted" | "hidden" => drop(self.objects.remove(&id)),
            other => panic!("{other}"),
        }
        if event["summary"]["id"] == id.as_str() {
            self.summaries.insert(id, event["summary"].clone());
        }
    }

    /// An object as answers show it now.
    pub(super) fn object(&self, id: &str) -> Option<Value> {
        let mut object = self.objects.get(id)?.clone();
        self.refresh_members(&mut object);
        Some(object)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
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
