//! The shape of `facts.json`: the contract's operations and schemas, without a word of its prose.
//!
//! The two published documents are merged into one. What only the beta document has is marked;
//! everything else is in both.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Number;

/// The whole of `facts.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Error status to the schema of its body.
    pub errors: BTreeMap<u16, String>,
    /// Every operation, ordered by id.
    pub operations: Vec<Operation>,
    /// Every named schema.
    pub schemas: BTreeMap<String, Schema>,
}

/// Which of the two documents has something.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Both documents.
    #[default]
    Public,
    /// The beta document only.
    Beta,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The query form of a read.
    Get,
    /// The body form, which every operation has.
    Post,
}

/// One operation, both methods together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The path without its slash: `works.update`.
    pub id: String,
    /// Which documents have the operation.
    pub tier: Tier,
    /// The methods it answers.
    pub methods: Vec<Method>,
    /// Schema of the POST body.
    pub request: String,
    /// Schema of the successful body; none when the body is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// The status of success.
    pub status: u16,
    /// Error statuses that the operation declares (in the public document if it is there).
    pub errors: Vec<u16>,
    /// Error statuses that only the beta document adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beta_errors: Vec<u16>,
    /// Query parameters of the GET form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<QueryParam>,
}

/// A query parameter of the GET form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryParam {
    /// Its name; dots address members of nested objects.
    pub name: String,
    /// Whether it must be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Its type.
    pub schema: Schema,
}

/// A JSON type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An array.
    Array,
    /// True or false.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// An object.
    Object,
    /// A text.
    String,
}

impl Kind {
    /// The name that JSON Schema uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }
}

/// One schema node. References stay names; nothing is resolved away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schema {
    /// The name of the schema that is used here.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The JSON type; none together with no reference means any value.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Whether only the beta document has it.
    #[serde(skip_serializing_if = "is_false")]
    pub beta: bool,
    /// `id`, `text`, `date-time`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether `null` clears the member.
    #[serde(skip_serializing_if = "is_false")]
    pub nullable: bool,
    /// Whether it is deprecated.
    #[serde(skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Size and range.
    #[serde(flatten)]
    pub limits: Limits,
    /// The allowed texts; empty when any text will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Allowed texts that only the beta document knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beta_values: Vec<String>,
    /// The stock values of a numbered enumeration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<StockValue>,
    /// Type of an array's elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Schema>>,
    /// Type of the values of an object with free keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<Box<Schema>>,
    /// Whether the object explicitly has no further members.
    #[serde(skip_serializing_if = "is_false")]
    pub closed: bool,
    /// An object's members.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, Schema>,
    /// Required members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Members that only the beta document requires.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beta_required: Vec<String>,
    /// Parts that all apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Schema>,
    /// The member that selects one of `variants`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What each value of the tag adds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<String, Schema>,
}

/// Size and range of a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Fewest characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Most characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Fewest elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u64>,
    /// Most elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    /// Smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// Largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// Regular expression of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// A stock value of a numbered enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockValue {
    /// The number on the wire.
    pub id: i64,
    /// Its name.
    pub label: String,
    /// Its position in the order.
    pub ordinal: i64,
    /// Whether an org may rename it.
    pub overridable: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Facts {
    /// The facts of this crate, parsed once.
    #[expect(clippy::missing_panics_doc, reason = "the embedded text is known to parse")]
    pub fn get() -> &'static Self {
        static FACTS: OnceLock<Facts> = OnceLock::new();
        FACTS.get_or_init(|| {
            #[expect(clippy::expect_used, reason = "the text is embedded and a test parses it")]
            serde_json::from_str(include_str!("../facts.json")).expect("facts.json")
        })
    }

    /// The operation of that id, without a leading slash or `internal/`.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        let id = id.trim_start_matches('/').trim_start_matches("internal/");
        let found = self.operations.binary_search_by(|each| each.id.as_str().cmp(id)).ok()?;
        self.operations.get(found)
    }

    /// Follows references to the actual schema; returns it and the last name on the way.
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> (Option<&'a str>, &'a Schema) {
        let (mut name, mut at) = (None, schema);
        while let Some(reference) = &at.reference {
            name = Some(reference.as_str());
            match self.schemas.get(reference) {
                Some(next) => at = next,
                None => break,
            }
        }
        (name, at)
    }
}

impl Operation {
    /// All declared error statuses of both documents.
    pub fn error_statuses(&self) -> impl Iterator<Item = u16> + '_ {
        self.errors.iter().chain(&self.beta_errors).copied()
    }
}

impl Schema {
    /// A bare reference.
    pub fn named(name: &str) -> Self {
        Self { reference: Some(name.to_owned()), ..Self::default() }
    }

    /// Whether this node describes an object in some way.
    pub fn is_object(&self) -> bool {
        self.kind == Some(Kind::Object) || !self.all.is_empty()
    }

    /// All allowed texts of both documents.
    pub fn all_values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().chain(&self.beta_values).map(String::as_str)
    }
}
