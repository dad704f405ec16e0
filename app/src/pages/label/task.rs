//! One image and what it says. Everything works by the form; the script adds keys, and shows the next image before the
//! answer to the last one is saved.

use desk::labeling::{Assignment, Mine, Queue};
use domain::labeling::agreement::edit_distance;
use domain::labeling::{Annotation, UNDO};
use domain::{TaskId, Timestamp};
use leptos::prelude::*;

use crate::actions::labeling::{SKIP, UNREADABLE};
use crate::components::{Button, Confirm, EmptyState, LinkButton, Look, Panel, TextField};
use crate::form::Said;
use crate::number;
use crate::page::{Visit, page, param, query};
use crate::shell::{Crumb, Frame, Section};

/// Name of the form of the reading.
const FORM: &str = "label";
/// Below this a character is marked as doubtful.
const DOUBTFUL: f64 = 0.9;
/// Characters for which there is room at least.
const ROOM: usize = 5;
/// Images a minute are told from this many on.
const ENOUGH: i64 = 5;

/// All that the parts of the page are made from.
struct Shown {
    queue: Queue,
    mine: Mine,
    said: Said,
    now: Timestamp,
}

/// The next task of a queue, or the one that the address names.
#[component]
pub(in crate::pages) fn LabelTask() -> impl IntoView {
    let (name, task, besides) = (param("queue"), task_param("task"), task_param("besides"));
    page(move |visit| async move {
        let (verbs, actor) = (visit.desk.labeling(), &visit.actor);
        let assignment = match task {
            Some(task) => Some(verbs.task(actor, task).await?),
            None => verbs.next(actor, &name, besides).await?,
        };
        let queue = verbs.queues(actor).await?.into_iter().find(|queue| queue.name == name);
        let queue = queue.ok_or_else(|| desk::Error::NotFound(format!("queue `{name}`")))?;
        let mine = verbs.mine(actor, &name).await?;
        let shown = Shown { queue, mine, said: visit.said.clone(), now: visit.clock.now };
        Ok(show(visit, &shown, assignment))
    })
}

fn task_param(name: &str) -> Option<TaskId> {
    query(name)?.parse().ok().map(TaskId)
}

fn show(visit: Visit, shown: &Shown, assignment: Option<Assignment>) -> AnyView {
    let flash = visit.notice();
    let name = shown.queue.name.clone();
    let crumbs = vec![Crumb::link("Labeling", "/label"), Crumb::here(name.clone())];
    let content = match &assignment {
        Some(assignment) => work(shown, assignment).into_any(),
        None => nothing(shown),
    };
    view! {
        <Frame viewer=visit.viewer title=name at=Section::Labeling crumbs flash>
            {content}
        </Frame>
    }
    .into_any()
}

fn nothing(shown: &Shown) -> AnyView {
    let text = match shown.queue.waiting() {
        0 => "Every reading of this queue has its answer.",
        _ => "What waits here is looked at by others, or you have read it already.",
    };
    let recent = recent(shown);
    view! {
        {head(shown)}
        <div class="labeling">
            <Panel title="Done">
                <EmptyState title="Nothing waits for you" text>
                    <LinkButton text="All queues" href="/label"/>
                </EmptyState>
            </Panel>
            {recent}
        </div>
    }
    .into_any()
}

/// How far the day's work is, in words and as a bar.
fn head(shown: &Shown) -> AnyView {
    let (done, left) = (shown.mine.read_today, shown.queue.for_you.unwrap_or(0));
    let mut pace = Vec::new();
    if let Some(seconds) = shown.mine.median_seconds.filter(|&seconds| seconds > 0.0 && done >= ENOUGH) {
        pace.push(format!(" · {} / min", number::fixed(60.0 / seconds, 1)));
        let minutes = (left as f64 * seconds / 60.0).ceil();
        pace.push(format!(" · {}{}min to go", number::count(minutes as i64), number::NO_BREAK));
    }
    let (most, name) = (done + left, shown.queue.name.clone());
    view! {
        <header class="page-header">
            <div class="page-title"><h1>{name}</h1></div>
            <p class="page-header-note">
                <span data-done=done>{number::count(done)}</span>
                " done today · "
                <span data-left=left>{number::count(left)}</span>
                " left"
                {pace.concat()}
            </p>
        </header>
        <progress class="labeling-progress" value=done max=most.max(1) aria-label="Done today"></progress>
    }
    .into_any()
}

fn work(shown: &Shown, given: &Assignment) -> impl IntoView + use<> {
    let (head, image, form) = (head(shown), image(given), form(shown, given));
    let (again, flag, recent) = (again(shown), flag(shown, given), recent(shown));
    view! {
        {head}
        <div class="labeling">
            <div class="labeling-desk" data-task=given.task.to_string()>
                {image}
                {form}
                <div class="labeling-more">
                    {again}
                    <form method="post" action="/actions/leave_queue">
                        {hidden(given)}
                        <Button look=Look::Plain text="Leave"/>
                    </form>
                </div>
                {flag}
            </div>
            {recent}
        </div>
    }
}

fn hidden(given: &Assignment) -> impl IntoView + use<> {
    let (task, queue) = (given.task.to_string(), given.queue.clone());
    view! {
        <input type="hidden" name="task" value=task/>
        <input type="hidden" name="queue" value=queue/>
    }
}

fn image(given: &Assignment) -> impl IntoView + use<> {
    let source = (!given.source.is_empty()).then(|| format!(" from {}", given.source));
    let alt = format!("Image to be read{}", source.unwrap_or_default());
    let tools = [
        ("zoom-in", "Larger", "+"),
        ("zoom-out", "Smaller", "−"),
        ("rotate", "Turn", ""),
        ("contrast", "Contrast", ""),
    ];
    let tools = tools.map(|(act, words, key)| {
        let key = (!key.is_empty()).then(|| view! { <kbd aria-hidden="true">{key}</kbd> });
        view! { <button class="button button-plain" type="button" data-image=act>{words}{key}</button> }
    });
    view! {
        <figure class="labeling-image">
            <div class="labeling-frame">
                <img src=format!("/api/v1/predictions/{}/image", given.prediction) alt=alt data-image-shown=""/>
            </div>
            <div class="labeling-tools needs-script" role="group" aria-label="Image">{tools.collect_view()}</div>
        </figure>
    }
}

/// Whether this form was refused for this task: what was typed of another is none of it.
fn is_back(shown: &Shown, given: &Assignment, form: &str) -> bool {
    shown.said.value(form, "task") == given.task.to_string()
}

fn form(shown: &Shown, given: &Assignment) -> impl IntoView + use<> {
    let is_back = is_back(shown, given, FORM);
    let text = if is_back { shown.said.value(FORM, "text") } else { given.text.clone() };
    let error = shown.said.error(FORM, "text").filter(|_| is_back);
    let width = text.chars().count().max(given.text.chars().count()).max(1);
    let described = if error.is_some() { "reading-error reading-note" } else { "reading-note" };
    let (marks, note, disputed) = (marks(given), note(given), disputed(given));
    let wrong = error.clone().map(|error| wrong(error).into_any());
    view! {
        <form class="labeling-form" method="post" action="/actions/label" data-label="">
            {hidden(given)}
            <input type="hidden" name="shown_at" value=shown.now.0.to_string()/>
            <label class="visually-hidden" for="reading">"What the image says"</label>
            <div class="labeling-text">
                <input
                    class="labeling-reading"
                    id="reading"
                    name="text"
                    value=text
                    size=size(width).to_string()
                    maxlength=domain::reading::MAX_LENGTH.to_string()
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    autofocus
                    aria-describedby=described
                    aria-invalid=error.is_some().then_some("true")
                    data-doubt=doubt(given).map(|place| place.to_string())
                    data-alphabet=given.alphabet.clone()
                />
                {marks}
            </div>
            {wrong}
            <p class="labeling-note" id="reading-note">{note}</p>
            {disputed}
            <div class="labeling-buttons">
                <button class="button button-primary" type="submit">"Save and next"<kbd class="needs-script" aria-hidden="true">"Enter"</kbd></button>
                <button class="button" type="submit" name="answer" value=UNREADABLE data-alt="u">"Unreadable"<kbd class="needs-script" aria-hidden="true">"Alt U"</kbd></button>
                <button class="button" type="submit" name="answer" value=SKIP data-alt="s">"Skip"<kbd class="needs-script" aria-hidden="true">"Alt S"</kbd></button>
            </div>
        </form>
    }
}

/// The size of a field that shows so many characters. They stand apart, each in 0.95 of the font's size, where the size of
/// a field counts 0.6.
fn size(characters: usize) -> usize {
    (characters.max(ROOM) * 8).div_ceil(5)
}

/// The place of the character that the model is least sure of.
fn doubt(given: &Assignment) -> Option<usize> {
    let sure = given.characters.iter().map(|character| character.confidence).enumerate();
    sure.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place)
}

/// A line under each character, as the model is sure of it.
fn marks(given: &Assignment) -> impl IntoView + use<> {
    let marks = given.characters.iter().map(|character| {
        let class = if character.confidence < DOUBTFUL { "doubtful" } else { "sure" };
        let title = format!("{}: {}", character.character, number::percent(character.confidence));
        view! { <span class=class title=title></span> }
    });
    view! { <div class="labeling-marks" aria-hidden="true">{marks.collect_view()}</div> }
}

fn wrong(error: String) -> impl IntoView {
    view! {
        <p class="field-error" id="reading-error" role="alert">{crate::form::capitalised(&error)}</p>
        <label class="labeling-sure"><input type="checkbox" name="sure" value="1" checked/>"It does say so"</label>
    }
}

/// `under the limit · Read with 52 % by v4 · doubtful: “6” at place 6 · read there before: 3170641`.
fn note(given: &Assignment) -> String {
    let mut words: Vec<String> = Some(given.reason.clone()).filter(|reason| !reason.is_empty()).into_iter().collect();
    match given.version {
        Some(version) => words.push(format!("Read with {} by v{version}", number::percent(given.confidence))),
        None => words.push(String::from("No version has read it")),
    }
    if let Some(place) = doubt(given).filter(|&place| given.characters[place].confidence < DOUBTFUL) {
        words.push(format!("doubtful: “{}” at place {}", given.characters[place].character, place + 1));
    }
    if let Some(previous) = &given.previous {
        words.push(format!("read there before: {previous}"));
    }
    if let Some(flagged) = &given.flagged {
        words.push(format!("an admin was asked: {flagged}"));
    }
    words.join(" · ")
}

/// What two people have read, for the third to choose from.
fn disputed(given: &Assignment) -> Option<AnyView> {
    let choices = given.disputed.iter().map(|seen| match seen.text() {
        Some(text) => {
            view! { <button class="button" type="submit" name="text" value=text.to_owned()>{text.to_owned()}</button> }
                .into_any()
        }
        None => view! { <span>"unreadable"</span> }.into_any(),
    });
    let choices = choices.collect_view();
    (!given.disputed.is_empty()).then(|| view! { <p class="row">"Two people read: "{choices}</p> }.into_any())
}

/// Whether an answer can still be taken back.
fn is_fresh(shown: &Shown, line: &Annotation) -> bool {
    shown.now.since(line.at) < UNDO
}

/// Takes the last answer back.
fn again(shown: &Shown) -> Option<AnyView> {
    let (task, _) = shown.mine.recent.first().filter(|(_, line)| is_fresh(shown, line))?;
    let (task, queue) = (task.to_string(), shown.queue.name.clone());
    Some(
        view! {
            <form method="post" action="/actions/label_again" data-undo="">
                <input type="hidden" name="task" value=task/>
                <input type="hidden" name="queue" value=queue/>
                <button class="button button-plain" type="submit">"Undo last"<kbd class="needs-script" aria-hidden="true">"Ctrl Z"</kbd></button>
            </form>
        }
        .into_any(),
    )
}

fn flag(shown: &Shown, given: &Assignment) -> impl IntoView + use<> {
    let said = || (shown.said.value("flag_task", "note"), shown.said.error("flag_task", "note"));
    let said = is_back(shown, given, "flag_task").then(said).unwrap_or_default();
    let hidden = hidden(given);
    view! {
        <Confirm label="Ask an admin" inline=true open=said.1.is_some()>
            <form method="post" action="/actions/flag_task">
                {hidden}
                <TextField name="note" label="What should they look at?" value=said.0 error=said.1 required=true max_length=1000/>
                <Button text="Ask"/>
            </form>
        </Confirm>
    }
}

/// The newest answers, with what was changed, each leading back to its image.
fn recent(shown: &Shown) -> AnyView {
    let rows = shown.mine.recent.iter().map(|(task, line)| answer(shown, *task, line)).collect_view();
    let none = shown.mine.recent.is_empty().then_some("What you answer stands here.");
    view! {
        <aside class="labeling-recent">
            <Panel title="Recently">
                <ol class="labeling-answers">{rows}</ol>
                <p class="muted" data-saved="" role="status">{none}</p>
            </Panel>
        </aside>
    }
    .into_any()
}

fn answer(shown: &Shown, task: TaskId, line: &Annotation) -> impl IntoView + use<> {
    let text = line.act.transcript().and_then(|seen| seen.text());
    let words = match (text, line.before.as_deref()) {
        (None, _) => String::from("unreadable"),
        (Some(text), Some(before)) if text == before => String::from("as read"),
        (Some(_), None | Some("")) => String::from("typed"),
        (Some(text), Some(before)) => format!("{} fixed", edit_distance(before, text)),
    };
    let text = text.unwrap_or("–").to_owned();
    let (queue, label) = (shown.queue.name.clone(), format!("Undo: take {text} back"));
    let again = is_fresh(shown, line).then(|| {
        view! {
            <form method="post" action="/actions/label_again">
                <input type="hidden" name="task" value=task.to_string()/>
                <input type="hidden" name="queue" value=queue/>
                <button class="button button-plain" type="submit" aria-label=label>"undo"</button>
            </form>
        }
    });
    view! {
        <li>
            <code>{text}</code>
            <span>{words}</span>
            {again}
        </li>
    }
}
