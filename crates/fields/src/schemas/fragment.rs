//! Fragments: the fields that an org gives to all objects of a leaf type or to those of a subtype,
//! or that an app adds. A fragment never changes; every `set` creates a new version of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use worksmith_kernel::{Column, Expander, Reference, Resource, Stored};
use worksmith_wire::schemas::{
    self, AppFragment, CompositeSchema, Condition, CustomTypeFragment, Field, FragmentBase,
    FragmentSummary, FragmentType, StockFieldOverride, TenantFragment,
};
use worksmith_wire::{Id, Kind};

/// The document of a fragment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fragment {
    /// The type of the fragment.
    #[serde(rename = "type")]
    pub kind: FragmentType,
    /// The leaf type.
    pub leaf_type: String,
    /// Whether the leaf type is one of the org's own.
    pub is_custom_leaf_type: bool,
    /// The subtype or the app; absent for a tenant fragment.
    pub name: Option<String>,
    /// The display name of the leaf type, the subtype or the app.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: String,
    /// Whether it is out of use.
    pub is_deprecated: bool,
    /// The fields.
    pub fields: Vec<Field>,
    /// Rules for some fields that depend on the values of others.
    pub conditions: Vec<Condition>,
    /// The schemas of the values of composite fields.
    pub composite_schemas: Vec<CompositeSchema>,
    /// What differs from the stock schema.
    pub stock_field_overrides: Vec<StockFieldOverride>,
    /// The stages that objects go through.
    pub stage_diagram: Option<Id>,
    /// The prefix of the display ids of objects of the org's own leaf type.
    pub id_prefix: Option<String>,
    /// The position of a subtype in a tree of subtypes.
    pub path: Vec<Map<String, Json>>,
    /// The removed fields of earlier versions, as they were.
    pub dropped: Vec<Field>,
    /// The previous version.
    pub old_fragment: Option<Id>,
    /// The next version.
    pub new_fragment: Option<Id>,
    /// The newest version; absent in that one.
    pub newest: Option<Id>,
}

pub(super) const LEAF_TYPE: Column<Fragment> =
    Column::text("leaf_type", |fragment: &Fragment| fragment.leaf_type.as_str().into()).sorted();
pub(super) const IS_CUSTOM: Column<Fragment> =
    Column::integer("is_custom_leaf_type", |fragment| fragment.is_custom_leaf_type.into());
pub(super) const IS_DEPRECATED: Column<Fragment> =
    Column::integer("is_deprecated", |fragment| fragment.is_deprecated.into());
pub(super) const SUBTYPE: Column<Fragment> =
    Column::text("subtype", |fragment| fragment.subtype().into());
pub(super) const APP: Column<Fragment> = Column::text("app", |fragment| fragment.app().into());
pub(super) const IS_NEWEST: Column<Fragment> =
    Column::integer("is_newest", |fragment| fragment.newest.is_none().into());

impl Resource for Fragment {
    const TABLE_NAME: &'static str = "schema_fragments";
    const KINDS: &'static [Kind] =
        &[Kind::TenantFragment, Kind::CustomTypeFragment, Kind::AppFragment];
    const COLUMNS: &'static [Column<Self>] =
        &[LEAF_TYPE, IS_CUSTOM, IS_DEPRECATED, SUBTYPE, APP, IS_NEWEST];
    const REFS: &'static [Reference<Self>] = &[
        Reference::new("stage_diagram", |fragment, visit| {
            fragment.stage_diagram.iter().for_each(visit);
        }),
        Reference::new("old_fragment_ref", |fragment, visit| {
            fragment.old_fragment.iter().for_each(visit);
        }),
        Reference::new("new_fragment_ref", |fragment, visit| {
            fragment.new_fragment.iter().for_each(visit);
        }),
    ];
    const ONE: &'static str = "fragment";
    const MANY: &'static str = "result";
    type Object = schemas::Fragment;
    type Summary = FragmentSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> schemas::Fragment {
        render(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> FragmentSummary {
        FragmentSummary { kind: stored.doc.kind, head: x.atom(stored.id()) }
    }
}

impl Fragment {
    /// The subtype that it defines.
    pub fn subtype(&self) -> Option<&str> {
        self.name.as_deref().filter(|_| self.kind == FragmentType::CustomTypeFragment)
    }

    /// The app that adds it.
    pub fn app(&self) -> Option<&str> {
        self.name.as_deref().filter(|_| self.kind == FragmentType::AppFragment)
    }

    /// The prefix of the names of its fields on objects.
    pub fn prefix(&self) -> String {
        match (self.kind, &self.name) {
            (FragmentType::TenantFragment, _) => "tnt__".to_owned(),
            (FragmentType::AppFragment, Some(app)) => format!("{app}__"),
            _ => "ctype__".to_owned(),
        }
    }
}

/// The kind of the ids of fragments.
pub(super) const fn kind(of: FragmentType) -> Kind {
    match of {
        FragmentType::AppFragment => Kind::AppFragment,
        FragmentType::CustomTypeFragment => Kind::CustomTypeFragment,
        FragmentType::TenantFragment => Kind::TenantFragment,
    }
}

fn render(stored: &Stored<Fragment>, x: &Expander) -> schemas::Fragment {
    let Fragment {
        kind,
        leaf_type,
        is_custom_leaf_type,
        name,
        display_name,
        description,
        is_deprecated,
        fields,
        conditions,
        composite_schemas,
        stock_field_overrides,
        stage_diagram,
        id_prefix,
        path,
        dropped: _,
        old_fragment,
        new_fragment,
        newest: _,
    } = stored.doc.clone();
    let base = FragmentBase {
        head: x.base(&stored.meta),
        composite_schemas,
        conditions,
        deprecated: is_deprecated,
        description,
        fields: Some(fields),
        fragment_type: match kind {
            FragmentType::AppFragment => "app",
            FragmentType::CustomTypeFragment => "custom_type",
            FragmentType::TenantFragment => "tenant",
        },
        is_custom_leaf_type,
        is_deprecated,
        leaf_type,
        new_fragment_ref: x.embed_opt(new_fragment.as_ref()),
        old_fragment_ref: x.embed_opt(old_fragment.as_ref()),
    };
    let stage_diagram = x.embed_opt(stage_diagram.as_ref());
    let name = name.unwrap_or_default();
    match kind {
        FragmentType::AppFragment => {
            let app_display_name = display_name;
            let fragment = AppFragment { base, app: name, app_display_name };
            schemas::Fragment::AppFragment(Box::new(fragment))
        }
        FragmentType::CustomTypeFragment => {
            schemas::Fragment::CustomTypeFragment(Box::new(CustomTypeFragment {
                base,
                path,
                stage_diagram,
                stock_field_overrides,
                subtype: name,
                subtype_display_name: display_name,
            }))
        }
        FragmentType::TenantFragment => {
            schemas::Fragment::TenantFragment(Box::new(TenantFragment {
                base,
                id_prefix,
                leaf_type_display_name: display_name,
                stage_diagram,
                stock_field_overrides,
            }))
        }
    }
}
