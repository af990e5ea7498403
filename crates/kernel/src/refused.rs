//! What does not compile: a name that a family does not declare, in a query or a visibility rule.
//! The first example compiles; each of the others differs from it in one name.

macro_rules! example {
    (
        $(#[$doc:meta])*
        $name:ident: $code:literal, $rule:literal, $column:literal, $field:literal
    ) => {
        $(#[$doc])*
        ///
        #[doc = concat!("```", $code)]
        /// use schemars::JsonSchema;
        /// use serde::{Deserialize, Serialize};
        /// use worksmith_kernel::{
        ///     Column, Cond, Expander, OpCtx, Query, Reference, Resource, Stored,
        /// };
        /// use worksmith_wire::{Id, Kind};
        ///
        /// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        /// struct Note {
        ///     title: String,
        ///     about: Vec<Id>,
        /// }
        /// const TITLE: Column<Note> = Column::text("title", |note| note.title.as_str().into());
        /// const ABOUT: Reference<Note> =
        ///     Reference::new("about", |note, visit| note.about.iter().for_each(visit));
        ///
        /// struct Page {
        ///     title: String,
        ///     about: Vec<Id>,
        /// }
        /// const PAGE_TITLE: Column<Page> =
        ///     Column::text("title", |page| page.title.as_str().into());
        /// const PAGE_ABOUT: Reference<Page> =
        ///     Reference::new("about", |page, visit| page.about.iter().for_each(visit));
        ///
        /// #[derive(Serialize, JsonSchema)]
        /// struct Shown {}
        ///
        /// impl Resource for Note {
        ///     const TABLE_NAME: &'static str = "notes";
        ///     const KINDS: &'static [Kind] = &[Kind::Tag];
        ///     const COLUMNS: &'static [Column<Self>] = &[TITLE];
        ///     const REFS: &'static [Reference<Self>] = &[ABOUT];
        ///     const ONE: &'static str = "note";
        ///     const MANY: &'static str = "notes";
        ///     type Object = Shown;
        ///     type Summary = Shown;
        ///
        ///     fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        ///         cx.actor.is_customer().then(|| {
        #[doc = concat!("            Cond::is(", $rule, ", \"public\")")]
        ///         })
        ///     }
        ///
        ///     fn object(_: &Stored<Self>, _: &Expander) -> Shown {
        ///         Shown {}
        ///     }
        ///
        ///     fn summary(_: &Stored<Self>, _: &Expander) -> Shown {
        ///         Shown {}
        ///     }
        /// }
        ///
        /// fn query(about: Vec<Id>) -> Query<Note> {
        ///     let mut query = Query::new();
        ///     query.one_of(Column::KIND, ["tag"]);
        #[doc = concat!("    query.one_of(", $column, ", [\"a\"]).refers_to(", $field, ", about);")]
        ///     query
        /// }
        /// ```
        struct $name;
    };
}

example! {
    /// Names that the family declares.
    Declared: "", "TITLE", "TITLE", "ABOUT"
}
example! {
    /// A misspelt column in a query.
    MisspeltInQuery: "compile_fail,E0425", "TITLE", "TITEL", "ABOUT"
}
example! {
    /// A column of another family in a query.
    ForeignInQuery: "compile_fail,E0308", "TITLE", "PAGE_TITLE", "ABOUT"
}
example! {
    /// A text in the place of a column in a query.
    TextInQuery: "compile_fail,E0308", "TITLE", "\"title\"", "ABOUT"
}
example! {
    /// A reference of another family in a query.
    ForeignReference: "compile_fail,E0308", "TITLE", "TITLE", "PAGE_ABOUT"
}
example! {
    /// A reference in the place of a column.
    ReferenceForColumn: "compile_fail,E0308", "TITLE", "ABOUT", "ABOUT"
}
example! {
    /// A misspelt column in a visibility rule.
    MisspeltInRule: "compile_fail,E0425", "TITEL", "TITLE", "ABOUT"
}
example! {
    /// A column of another family in a visibility rule.
    ForeignInRule: "compile_fail,E0308", "PAGE_TITLE", "TITLE", "ABOUT"
}
