//! The reviewed list of answers that go beyond the contract: `extras.json`.
//!
//! An entry says where the deviation is allowed, what it must look like and why it exists. To allow
//! one more, add a line with its reason; a test refuses lines that the contract has made
//! superfluous.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::model::Schema;

/// The whole of `extras.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extras {
    /// Members that answers may have although neither document knows them.
    pub members: Vec<ExtraMember>,
    /// Enumeration values likewise.
    pub values: Vec<ExtraValue>,
    /// Error bodies likewise.
    pub errors: Vec<ExtraError>,
    /// Places where an answer may contain `null`.
    pub nulls: Vec<NullPlace>,
}

/// A member beyond the contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraMember {
    /// The schema that gains it; `*` means any.
    pub schema: String,
    /// Its name.
    pub member: String,
    /// Why it is served.
    pub reason: String,
    /// What it must look like.
    pub is: Schema,
}

/// An enumeration value beyond the contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraValue {
    /// The enumeration.
    pub schema: String,
    /// The value.
    pub value: String,
    /// Why it is served.
    pub reason: String,
}

/// An error body beyond the contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraError {
    /// Its status.
    pub status: u16,
    /// Its `type`; `*` means any.
    #[serde(rename = "type")]
    pub kind: String,
    /// Why it is served.
    pub reason: String,
    /// Its further members.
    pub is: Schema,
}

/// A place where an answer may contain `null`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NullPlace {
    /// The schema; `*` means any.
    pub schema: String,
    /// The member whose value may be or contain `null`.
    pub member: String,
    /// Why.
    pub reason: String,
}

impl Extras {
    /// The list of this crate, parsed once.
    #[expect(clippy::missing_panics_doc, reason = "the embedded text is known to parse")]
    pub fn get() -> &'static Self {
        static EXTRAS: OnceLock<Extras> = OnceLock::new();
        EXTRAS.get_or_init(|| {
            #[expect(clippy::expect_used, reason = "the text is embedded and a test parses it")]
            serde_json::from_str(include_str!("../extras.json")).expect("extras.json")
        })
    }

    /// What an extra member of one of these schemas must look like.
    pub fn member(&self, schemas: &[&str], name: &str) -> Option<&Schema> {
        self.members
            .iter()
            .find(|each| {
                let is_here = each.schema == "*" || schemas.contains(&each.schema.as_str());
                each.member == name && is_here
            })
            .map(|each| &each.is)
    }

    /// Whether an enumeration may have this value.
    pub fn value(&self, schema: &str, value: &str) -> bool {
        self.values.iter().any(|each| each.schema == schema && each.value == value)
    }

    /// The extra error body of that status and type.
    pub fn error(&self, status: u16, kind: &str) -> Option<&Schema> {
        self.errors
            .iter()
            .find(|each| each.status == status && (each.kind == "*" || each.kind == kind))
            .map(|each| &each.is)
    }

    /// Whether the member of one of these schemas may be or contain `null`.
    pub fn null(&self, schemas: &[&str], member: &str) -> bool {
        self.nulls.iter().any(|each| {
            each.member == member && (each.schema == "*" || schemas.contains(&each.schema.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flatten::{Pick, flatten};
    use crate::model::Facts;

    #[test]
    fn every_entry_has_a_reason_and_a_place() {
        let (facts, extras) = (Facts::get(), Extras::get());
        for each in &extras.members {
            assert!(!each.reason.is_empty(), "{} {}", each.schema, each.member);
            if each.schema == "*" {
                continue;
            }
            let schema = Schema::named(&each.schema);
            let schema = Box::leak(Box::new(schema));
            assert!(facts.schemas.contains_key(&each.schema), "{}", each.schema);
            let view = flatten(facts, schema, &mut |_| Pick::Every);
            let known = view.members.iter().any(|member| member.name == each.member);
            assert!(!known, "the contract has {} {}", each.schema, each.member);
        }
        for each in &extras.values {
            let known = facts.schemas[&each.schema].all_values().any(|known| known == each.value);
            assert!(!known && !each.reason.is_empty(), "{} {}", each.schema, each.value);
        }
        assert!(extras.errors.iter().all(|each| !each.reason.is_empty()));
        for each in &extras.nulls {
            let known = each.schema == "*" || facts.schemas.contains_key(&each.schema);
            assert!(known && !each.reason.is_empty(), "{} {}", each.schema, each.member);
        }
    }

    #[test]
    fn references_of_extras_lead_somewhere() {
        let facts = Facts::get();
        for each in &Extras::get().members {
            let items = each.is.items.as_deref().unwrap_or(&each.is);
            if let Some(name) = &items.reference {
                assert!(facts.schemas.contains_key(name), "{name}");
            }
        }
    }
}
