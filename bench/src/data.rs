//! Data dirs: created once through the product's own store, kept, and copied for each run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use worksmith_engine::{Engine, Tx};
use worksmith_kernel::OpCtx;
use worksmith_org::Environment;
use worksmith_store::{CONNECTIONS, IndexSize, Store};
use worksmith_talk::timeline_entries::{self, Imported};
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_wire::Id;

use crate::catalog::{Catalog, Counts, Pair, ranked};
use crate::numbers::{float, grouped, ratio, shown};
use crate::random::Seeded;
use crate::report;
use crate::results::Indexing;
use crate::scale::Scale;
use crate::works::{Mix, comments, reference};
use crate::world::{self, NOW, SPAN_MS, Standing, TYPES, World};

/// Raised when the generated data changes, so that no old data is used.
const GENERATOR: u32 = 2;
/// The seed of all random values.
const SEED: u64 = 0x5EED_0001;
/// How many works are created in one transaction.
const BATCH: u64 = 1000;
/// How many ids in other systems the catalog keeps.
const REFERENCES: usize = 200;
/// The token of the first user.
const TOKEN: &str = "bench-admin-token-for-local-measurements";
/// The data dir and the catalog in the folder of the data.
const HOME: &str = "home";
const CATALOG: &str = "catalog.json";
/// What making the search index took, beside them.
const INDEXING: &str = "index.json";
/// The database in a data dir.
pub(crate) const DATABASE: &str = "worksmith.db";

/// A finished data dir that nothing runs on.
pub(crate) struct Pristine {
    /// The folder of the data dir and the catalog.
    place: PathBuf,
    /// What is in the data dir.
    pub(crate) catalog: Catalog,
    /// What its search index took; `None` if the build that made it did not say.
    pub(crate) indexing: Option<Indexing>,
}

/// Finds the data of a scale, and creates it if needed.
pub(crate) fn pristine(folder: &Path, scale: Scale) -> Result<Pristine, String> {
    let shape = shape(folder)?;
    let place = folder.join(format!("data-{scale}-{shape}-{GENERATOR}"));
    let (home, marker) = (place.join(HOME), place.join(CATALOG));
    if !marker.exists() {
        if home.exists() {
            // The remains of an interrupted run are useless.
            fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
        }
        fs::create_dir_all(&place).map_err(|cause| said(&place, &cause))?;
        let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
        let engine = open(&home)?;
        let catalog = runtime.block_on(make(&engine, scale.works()))?;
        let indexing = runtime.block_on(index(&engine))?;
        drop(engine);
        drop(runtime);
        let (file, text) = (place.join(INDEXING), serde_json::to_string(&indexing));
        let text = text.map_err(|cause| cause.to_string())?;
        fs::write(&file, text).map_err(|cause| said(&file, &cause))?;
        catalog.write(&marker)?;
    }
    Pristine::at(&place)
}

/// Has another build of the bench find or make its own data, which may have another layout.
pub(crate) fn pristine_of(bench: &Path, folder: &Path, scale: Scale) -> Result<Pristine, String> {
    let seed = |scale: &str, folder: &Path| {
        let mut command = Command::new(bench);
        command.args(["seed", "--scale", scale, "--folder"]).arg(folder);
        let shown = bench.display();
        let output = command.output().map_err(|cause| {
            format!("{shown} makes the data of the other build, and does not start: {cause}")
        })?;
        let said = String::from_utf8_lossy(&output.stderr);
        output.status.success().then_some(()).ok_or_else(|| format!("{shown} seed failed: {said}"))
    };
    // The name of a little data shows how that build names its data.
    let little = folder.join("little");
    if little.exists() {
        fs::remove_dir_all(&little).map_err(|cause| said(&little, &cause))?;
    }
    seed("1k", &little)?;
    let entries = fs::read_dir(&little).map_err(|cause| said(&little, &cause))?;
    let mut names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let layout = names.find_map(|name| Some(name.strip_prefix("data-1k-")?.to_owned()));
    let layout = layout.ok_or_else(|| format!("{} makes no data", bench.display()))?;
    fs::remove_dir_all(&little).map_err(|cause| said(&little, &cause))?;
    let place = folder.join(format!("data-{scale}-{layout}"));
    if !place.join(CATALOG).exists() {
        eprintln!("{} makes its data of {scale} works", bench.display());
        seed(&scale.to_string(), folder)?;
    }
    Pristine::at(&place)
}

impl Pristine {
    /// The data in a folder.
    fn at(place: &Path) -> Result<Self, String> {
        let catalog = Catalog::read(&place.join(CATALOG))?;
        let indexing = fs::read(place.join(INDEXING)).ok();
        let indexing = indexing.and_then(|text| serde_json::from_slice(&text).ok());
        Ok(Self { place: place.to_owned(), catalog, indexing })
    }

    /// Where the catalog is.
    pub(crate) fn catalog_path(&self) -> PathBuf {
        self.place.join(CATALOG)
    }

    fn home(&self) -> PathBuf {
        self.place.join(HOME)
    }

    /// How large the database is.
    pub(crate) fn database_bytes(&self) -> Result<u64, String> {
        let path = self.home().join(DATABASE);
        fs::metadata(&path).map(|file| file.len()).map_err(|cause| said(&path, &cause))
    }

    /// A copy to run on.
    pub(crate) fn copy(&self, to: &Path) -> Result<(), String> {
        if to.exists() {
            fs::remove_dir_all(to).map_err(|cause| said(to, &cause))?;
        }
        fs::create_dir_all(to).map_err(|cause| said(to, &cause))?;
        let home = self.home();
        let entries = fs::read_dir(&home).map_err(|cause| said(&home, &cause))?;
        for entry in entries {
            let entry = entry.map_err(|cause| said(&home, &cause))?;
            // A server that ran on the data itself has left folders, with nothing in them.
            if entry.path().is_file() {
                // File systems that can share the bytes do.
                let copied = fs::copy(entry.path(), to.join(entry.file_name()));
                copied.map_err(|cause| said(&entry.path(), &cause))?;
            }
        }
        Ok(())
    }
}

/// A failure with a file or folder.
pub(crate) fn said(path: &Path, cause: &std::io::Error) -> String {
    format!("{}: {cause}", path.display())
}

/// Makes the search index, and says what that takes.
pub(crate) async fn index(engine: &Engine) -> Result<Indexing, String> {
    let failed = |cause: worksmith_kernel::Error| format!("the search index: {cause:?}");
    let begun = Instant::now();
    engine.store().index_anew(&mut |_| {}).await.map_err(failed)?;
    let seconds = begun.elapsed().as_secs_f64();
    let IndexSize { entries, bytes } = engine.store().index_size().await.map_err(failed)?;
    let indexing = Indexing { entries, bytes, seconds };
    eprintln!("made the search index: {}", report::indexing(&indexing));
    Ok(indexing)
}

/// Opens a data dir as the product does.
pub(crate) fn open(dir: &Path) -> Result<Engine, String> {
    let table = worksmith_tracker::table();
    let store = Store::open_sqlite(dir, table.registry().clone(), &mut |_| {});
    let store = store.map_err(|cause| cause.to_string())?;
    Ok(Engine::new(store, table.followers().clone()))
}

/// Opens a database of PostgreSQL as the product does.
pub(crate) async fn open_on_postgres(url: &str) -> Result<Engine, String> {
    let table = worksmith_tracker::table();
    let registry = table.registry().clone();
    let store = Store::open_postgres(url, CONNECTIONS, registry, &mut |_| {}).await;
    let store = store.map_err(|cause| cause.to_string())?;
    Ok(Engine::new(store, table.followers().clone()))
}

/// A fingerprint of the database's layout, taken from a new, empty one. Data of another layout is
/// created again.
fn shape(folder: &Path) -> Result<String, String> {
    let dir = folder.join("shape");
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(|cause| said(&dir, &cause))?;
    }
    fs::create_dir_all(folder).map_err(|cause| said(folder, &cause))?;
    drop(open(&dir)?);
    let path = dir.join(DATABASE);
    let bytes = fs::read(&path).map_err(|cause| said(&path, &cause))?;
    fs::remove_dir_all(&dir).map_err(|cause| said(&dir, &cause))?;
    // Of the file's header, only the version that the store sets counts.
    let version = bytes.get(60..64).unwrap_or_default();
    let pages = bytes.get(100..).unwrap_or_default();
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    let hash = version.iter().chain(pages).fold(0xCBF2_9CE4_8422_2325, mix);
    Ok(format!("{:08x}", hash >> 32))
}

/// Fills an empty database with `works` works.
pub(crate) async fn make(engine: &Engine, works: u64) -> Result<Catalog, String> {
    let environment = Environment {
        clock: Arc::new(Standing),
        entropy: Arc::new(Seeded::new(SEED)),
        base_url: "".into(),
    };
    let first = FirstUser {
        email: "admin@tracker.example".to_owned(),
        display_name: "Admin".to_owned(),
        org_name: "Bench".to_owned(),
    };
    let started = bootstrap::start(engine, &environment, &first, Some(TOKEN)).await;
    let cx = started.map_err(|cause| format!("{cause:?}"))?.cx;
    let world = world::make(engine, &cx, SEED).await.map_err(|cause| format!("{cause:?}"))?;
    let mut counts = Counts::of(&world);
    let progress = Progress::new(works);
    write(engine, &cx, &world, &mut counts, &progress).await?;
    progress.end();
    Ok(catalog(&cx, &world, &counts, works))
}

/// Writes the works. While one batch is written to the disk, the next one is generated.
async fn write(
    engine: &Engine,
    cx: &OpCtx,
    world: &World,
    counts: &mut Counts,
    progress: &Progress,
) -> Result<(), String> {
    let mix = Mix::new(world, SEED);
    let failed = |cause: worksmith_kernel::Error| format!("the works can't be written: {cause:?}");
    let mut writing = tokio::spawn(async { Ok(()) });
    let mut number = 0;
    while number < progress.works {
        let end = (number + BATCH).min(progress.works);
        let drafts: Vec<_> = (number + 1..=end).map(|n| mix.draft(world, n, counts)).collect();
        writing.await.map_err(|cause| cause.to_string())?.map_err(failed)?;
        progress.at(number);
        // Not earlier: a transaction that waits for another one keeps the log from being restarted.
        let mut tx: Tx = engine.begin(cx);
        for draft in drafts {
            number += 1;
            let (authorship, said) = (draft.authorship(), comments(SEED, number, world, &draft));
            let work = tx.insert_as(draft.kind, draft.work, Some(authorship)).await;
            let object = work.map_err(failed)?.meta.id;
            for (at, (body, authorship)) in said.into_iter().enumerate() {
                let (object, external_ref) = (object.clone(), at.to_string());
                let comment = Imported { object, body, external_ref, authorship };
                timeline_entries::import(&mut tx, comment).await.map_err(failed)?;
            }
        }
        writing = tokio::spawn(tx.finish());
    }
    writing.await.map_err(|cause| cause.to_string())?.map_err(failed)
}

fn catalog(cx: &OpCtx, world: &World, counts: &Counts, works: u64) -> Catalog {
    let don = |id: &Id| cx.don(id);
    let users = || world.users.iter().map(don);
    let mut pairs = Vec::new();
    for ((part, own), counts) in world.parts.iter().zip(&counts.pairs) {
        for (tag, count) in own.iter().zip(counts) {
            pairs.push(Pair { part: don(part), tag: don(&world.tags[*tag]), count: *count });
        }
    }
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.count));
    let types = TYPES.iter().zip(&counts.types);
    let prefix = |kind: &worksmith_wire::Kind| kind.facts().prefix.to_owned();
    Catalog {
        token: TOKEN.to_owned(),
        works,
        types: types.map(|(kind, count)| (prefix(kind), *count)).collect(),
        owners: ranked(users(), &counts.owners),
        open_owners: ranked(users(), &counts.open_owners),
        parts: ranked(world.parts.iter().map(|(id, _)| don(id)), &counts.parts),
        tags: ranked(world.tags.iter().map(don), &counts.tags),
        pairs,
        accounts: ranked(world.accounts.iter().map(|(id, _)| don(id)), &counts.accounts),
        sprints: ranked(world.sprints.iter().map(don), &counts.sprints),
        stages: ranked(world.stage_names.iter().cloned(), &counts.stages),
        external_refs: references(world, works),
        created_from: NOW.plus_ms(-SPAN_MS).0,
        created_to: NOW.0,
    }
}

/// The ids in other systems of some works, spread over all of them.
fn references(world: &World, works: u64) -> Vec<String> {
    let (mix, mut counts) = (Mix::new(world, SEED), Counts::of(world));
    let step = usize::try_from(works / 1000).unwrap_or(1).max(1);
    let some = (1..=works).step_by(step);
    let has = |number: &u64| mix.draft(world, *number, &mut counts).work.external_ref.is_some();
    some.filter(has).take(REFERENCES).map(reference).collect()
}

/// Progress for people: a bar on a terminal, lines elsewhere.
struct Progress {
    works: u64,
    bar: ProgressBar,
    begun: Instant,
}

impl Progress {
    fn new(works: u64) -> Self {
        let bar = ProgressBar::new(works);
        let template = "{bar:40} {percent:>3}%  {pos} of {len} works  {per_sec}, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if bar.is_hidden() {
            eprintln!("making {} works", grouped(works));
        }
        Self { works, bar, begun: Instant::now() }
    }

    fn at(&self, number: u64) {
        self.bar.set_position(number);
        if self.bar.is_hidden() && number.is_multiple_of(50 * BATCH) {
            eprintln!("{} works", grouped(number));
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
        let seconds = self.begun.elapsed().as_secs_f64();
        let rate = ratio(float(self.works), seconds).unwrap_or(0.0);
        let (works, seconds) = (grouped(self.works), shown(seconds));
        eprintln!("made {works} works in {seconds} s, {} per second", shown(rate));
    }
}
