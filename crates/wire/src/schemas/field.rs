//! The descriptor of a field. Descriptors are stored and shown as they were written.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ApiError, At, FromWire, Many, Text};

crate::wire_enum! {
    /// The type of a field's values; `array` is a list of `base_type`.
    pub enum FieldType = "schema-field-descriptor-field-type" {
        /// A list.
        Array = "array",
        /// Yes or no.
        Bool = "bool",
        /// An object of fields of its own.
        Composite = "composite",
        /// A day.
        Date = "date",
        /// A number.
        Double = "double",
        /// One of some texts.
        Enum = "enum",
        /// A reference to an object.
        Id = "id",
        /// A whole number.
        Int = "int",
        /// Any JSON.
        JsonValue = "json_value",
        /// Markdown.
        RichText = "rich_text",
        /// Any JSON object.
        Struct = "struct",
        /// A text.
        Text = "text",
        /// An instant.
        Timestamp = "timestamp",
        /// A short text, found by its words.
        Tokens = "tokens",
        /// One of some numbered values.
        Uenum = "uenum",
        /// A type that this server does not know.
        Unknown = "unknown",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro of enums derives no default")]
impl Default for FieldType {
    fn default() -> Self {
        Self::Unknown
    }
}

crate::wire_enum! {
    /// The type of the elements of a list.
    pub enum BaseType = "schema-field-descriptor-array-type-base-type" {
        /// Yes or no.
        Bool = "bool",
        /// Objects of fields of their own.
        Composite = "composite",
        /// Days.
        Date = "date",
        /// Numbers.
        Double = "double",
        /// Texts to choose from.
        Enum = "enum",
        /// References to objects.
        Id = "id",
        /// Whole numbers.
        Int = "int",
        /// Any JSON.
        JsonValue = "json_value",
        /// Markdown.
        RichText = "rich_text",
        /// Any JSON objects.
        Struct = "struct",
        /// Texts.
        Text = "text",
        /// Instants.
        Timestamp = "timestamp",
        /// Short texts, found by their words.
        Tokens = "tokens",
        /// Numbered values.
        Uenum = "uenum",
    }
}

impl From<BaseType> for FieldType {
    fn from(base: BaseType) -> Self {
        let same = Self::ALL.iter().find(|of| of.as_str() == base.as_str());
        same.copied().unwrap_or_default()
    }
}

impl FieldType {
    /// The equivalent type of list elements; `None` for lists, which can't be nested.
    pub fn base(self) -> Option<BaseType> {
        BaseType::ALL.iter().copied().find(|base| base.as_str() == self.as_str())
    }
}

crate::request! {
    /// A value of a field whose values are numbered.
    kept struct UenumValue = "schema-field-uenum-value" {
        /// The number that stands for it; it never changes.
        id: i64,
        /// Its name.
        label: Text<1, 256>,
        /// Its position in the order.
        ordinal: i64,
        /// Whether it can't be chosen any more; objects that have it keep it.
        is_deprecated: Option<bool>,
        /// What it means.
        tooltip: Option<Text<0, 4096>>,
    }
}

/// The values that a field can have: texts, or numbered values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AllowedValues {
    /// The texts of an `enum`.
    Texts(Vec<Text<1, 1024>>),
    /// The numbered values of a `uenum`.
    Values(Vec<UenumValue>),
}

impl FromWire for AllowedValues {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let first = value.as_array().and_then(|list| list.first());
        if first.unwrap_or(&value).is_object() {
            Vec::from_value(value, at).map(Self::Values)
        } else {
            Vec::from_value(value, at).map(Self::Texts)
        }
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let values = UenumValue::schema(generator);
        json_schema!({ "type": "array", "items": { "anyOf": [{ "type": "string" }, values] } })
    }
}

crate::request! {
    /// How a field is shown to people.
    kept struct FieldUi = "schema-field-ui-metadata" {
        /// What differs for some clients.
        client_overrides: Option<Vec<Map<String, Value>>>,
        /// How it is shown in the form for a new object.
        create_view: Option<ViewUi>,
        /// How many decimal places are shown.
        decimal_places: Option<i32>,
        /// How it is shown in the view of the whole object.
        detail_view: Option<ViewUi>,
        /// The display name.
        display_name: Option<Text<0, 256>>,
        /// How it is shown among filters.
        filter_view: Option<ViewUi>,
        /// The heading under which it is shown.
        group_name: Option<Text<0, 256>>,
        /// Whether it is active in the view of the whole object.
        is_active_in_detail_view: Option<bool>,
        /// Whether many objects can be changed at once.
        is_bulk_action_enabled: Option<bool>,
        /// Whether it is an amount of money.
        is_currency_field: Option<bool>,
        /// Whether objects can be grouped by it.
        is_groupable: Option<bool>,
        /// Whether it is not shown.
        is_hidden: Option<bool>,
        /// Whether it is left out of the form for a new object.
        is_hidden_during_create: Option<bool>,
        /// Whether people can only read it.
        is_read_only: Option<bool>,
        /// Whether people must fill it in.
        is_required: Option<bool>,
        /// Whether it is shown in summaries.
        is_shown_in_summary: Option<bool>,
        /// Whether objects can be sorted by it.
        is_sortable: Option<bool>,
        /// How it is shown in lists.
        list_view: Option<ViewUi>,
        /// Its place among the fields.
        order: Option<i32>,
        /// The placeholder that is shown while it is empty.
        placeholder: Option<Text<0, 4096>>,
        /// How values to choose from are searched.
        search_query: Option<Text<0, 4096>>,
        /// How it is shown in summaries.
        summary_view: Option<ViewUi>,
        /// What it means.
        tooltip: Option<Text<0, 4096>>,
        /// The unit of its numbers.
        unit: Option<Text<0, 256>>,
        /// Whether large numbers are shortened.
        use_shorthand_notation: Option<bool>,
    }
}

crate::request! {
    /// How a field is shown in one view.
    kept struct ViewUi = "schema-field-list-view-ui-metadata" {
        /// Whether it is not shown there.
        is_hidden: Option<bool>,
    }
}

crate::request! {
    /// The descriptor of one field.
    kept struct Field = "schema-field-descriptor" {
        /// The name, without the prefix of its fragment.
        name: Text<1, 128>,
        /// The type of its values.
        field_type: FieldType,
        /// The type of the elements of a list.
        base_type: Option<BaseType>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// Whether every object must have a value.
        is_required: Option<bool>,
        /// Whether a value can't change once it is set.
        is_immutable: Option<bool>,
        /// Whether lists can be filtered, sorted and grouped by it.
        is_filterable: Option<bool>,
        /// Whether it is personal data.
        is_pii: Option<bool>,
        /// Its origin.
        origin: Option<Text<0, 256>>,
        /// The value of objects that are created without one.
        default_value: Option<Value>,
        /// How it is shown to people.
        ui: Option<FieldUi>,
        /// Values are greater than this.
        gt: Option<i64>,
        /// Values are at least this.
        gte: Option<i64>,
        /// Values are less than this.
        lt: Option<i64>,
        /// Values are at most this.
        lte: Option<i64>,
        /// Texts have exactly this many characters.
        eq_len: Option<i64>,
        /// Texts have at least this many characters.
        min_len: Option<i64>,
        /// Texts have at most this many characters.
        max_len: Option<i64>,
        /// Texts match this regular expression.
        pattern: Option<Text<1, 1024>>,
        /// Texts begin with this.
        prefix: Option<Text<0, 1024>>,
        /// Texts end with this.
        suffix: Option<Text<0, 1024>>,
        /// Texts contain this.
        contains: Option<Text<0, 1024>>,
        /// The values to choose from.
        allowed_values: Option<AllowedValues>,
        /// Whether others may change the values to choose from.
        is_overridable: Option<bool>,
        /// The values to choose from in other languages.
        translated_values: Option<Map<String, Value>>,
        /// What ids name: leaf types, `custom_object.<leaf type>`.
        id_type: Option<Vec<Text<1, 256>>>,
        /// The composite schema of the values.
        composite_type: Option<Text<1, 256>>,
        /// Lists have exactly this many elements.
        eq_items: Option<i64>,
        /// Lists have at least this many elements.
        min_items: Option<i64>,
        /// Lists have at most this many elements.
        max_items: Option<i64>,
        /// Sent back by clients that read it from an answer; it has no effect.
        mfz: Option<Map<String, Value>>,
        /// Like `mfz`.
        oasis: Option<Map<String, Value>>,
    }
}

impl Field {
    /// The type of its values or, if they are lists, of their elements.
    pub fn element_type(&self) -> FieldType {
        match self.field_type {
            FieldType::Array => self.base_type.map(Into::into).unwrap_or_default(),
            other => other,
        }
    }

    /// The numbered values to choose from.
    pub fn uenum_values(&self) -> &[UenumValue] {
        match &self.allowed_values {
            Some(AllowedValues::Values(values)) => values,
            _ => &[],
        }
    }
}

crate::request! {
    /// The schema of the values of `composite` fields.
    kept struct CompositeSchema = "composite-schema" {
        /// The name that `composite_type` gives.
        name: Text<1, 256>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// Its fields.
        fields: Many<Field, 1, 1000>,
    }
}

crate::request! {
    /// A rule that applies if a condition holds.
    kept struct Effect = "custom-schema-fragment-effect" {
        /// The fields that it applies to: `custom_fields.x`, or a stock field.
        fields: Many<Text<1, 256>, 1, 1000>,
        /// Whether they must have a value.
        require: Option<bool>,
        /// Whether they are shown.
        show: Option<bool>,
        /// The values that they can have.
        allowed_values: Option<Vec<Text<0, 1024>>>,
        /// Whether their values can't change.
        immutable: Option<bool>,
        /// Whether the condition may hold for no object.
        invalid: Option<bool>,
    }
}

crate::request! {
    /// Rules for some fields that depend on the values of others.
    kept struct Condition = "custom-schema-fragment-condition" {
        /// When it holds: `priority == 'p0' && custom_fields.x != 'y'`.
        expression: Text<1, 4096>,
        /// The rules that apply then.
        effects: Vec<Effect>,
    }
}

crate::request! {
    /// What differs from the stock schema of a field.
    kept struct StockFieldOverride = "stock-field-override" {
        /// The stock field.
        name: Text<1, 128>,
        /// Whether every object must have a value.
        is_required: Option<bool>,
        /// How it is shown to people.
        ui: Option<FieldUi>,
        /// The values to choose from that are new or have another label.
        uenum_values: Option<Vec<UenumValue>>,
    }
}
