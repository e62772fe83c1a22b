"""Pages of questions: the list, a thread, asking, editing, closing."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import joinedload

from community.abilities.attachments.queries import files_named
from community.abilities.comments.queries import comments_on
from community.abilities.drafts.actions import draft_for, drop_draft
from community.abilities.links.queries import links_of
from community.abilities.tags.queries import labels_of
from community.content.questions.actions import (
    ask_question,
    close_question,
    edit_question,
    mark_duplicate,
    reopen_question,
)
from community.content.questions.embargo import embargoed
from community.content.questions.forms import AnswerForm, CloseForm, DuplicateForm, EditQuestionForm, QuestionForm
from community.content.questions.models import Question
from community.content.questions.queries import (
    PERSONAL,
    QuestionFilters,
    answers_of,
    communities_to_read,
    marks_on,
    postable_communities,
    questions_page,
    quoted_post,
)
from community.contributions.act_views import add_act, add_removal
from community.contributions.permalink import right_address, url_for_item
from community.core import ports
from community.core.errors import Conflict, Invalid, NotFound
from community.core.text import quote_markdown
from community.core.web import row_id, saved
from community.people.accounts.models import Member
from community.permissions import (
    can_close,
    can_edit,
    can_mark_duplicate,
    can_post_in,
    can_turn_into_sheet,
    get_visible,
    require,
)

bp = Blueprint("questions", __name__)
SORTS = ("certified", "accepted", "useful", "recent")


@bp.get("/questions")
def index():
    filters = QuestionFilters.from_args(request.args)
    if filters.view in PERSONAL and not current_user.is_authenticated:
        abort(401)
    page = questions_page(current_user, filters, request.args.get("page"))
    labels, communities = labels_of([row.id for row in page]), communities_to_read(current_user)
    names = dict(pair for row in page for pair in labels[row.id].tags) | dict(communities)
    return render_template(
        "questions/index.html",
        page=page,
        filters=filters,
        chosen=filters.chosen(names),
        labels=labels,
        communities=communities,
        embargoed=embargoed(current_user) if filters.view == "mine" else (),
        active="questions",
    )


@bp.get("/questions/<int:id>")
@bp.get("/questions/<int:id>-<slug>")
def show(id: int, slug: str | None = None):
    question = get_question(id)
    return right_address(question, slug) or show_question(question)


@bp.get("/questions/nouvelle")
@login_required
def new():
    form = QuestionForm(_community_choices())
    draft = draft_for(current_user, "question:new")
    form.take(draft or request.args.to_dict())
    form.recalled = bool(draft)
    if not form.community.data and current_user.communities:
        form.community.data = request.args.get("community", "")
    return render_template("questions/new.html", form=form, suggestions=None, active="questions")


@bp.post("/questions/nouvelle")
@login_required
def create():
    communities = postable_communities(current_user)
    form = QuestionForm([(c.slug, c.name) for c in communities])
    if not form.validate_on_submit():
        return render_template("questions/new.html", form=form, suggestions=None, active="questions"), 422
    suggestions = _suggestions_to_read(form)
    if suggestions:
        form.suggestions_seen.data = "1"
        return render_template("questions/new.html", form=form, suggestions=suggestions, active="questions")
    community = next(c for c in communities if c.slug == form.community.data)
    require(can_post_in(current_user, community))
    how = {"discreet": form.discreet.data, "embargo": form.embargo.data, "once": form.once.data}
    question = ask_question(current_user, community, **how, **form.values())
    drop_draft(current_user, "question:new")
    return saved(url_for_item(question))


@bp.get("/questions/<int:id>/modifier")
@login_required
def edit(id: int):
    question = get_question(id)
    require(can_edit(current_user, question))
    labels = labels_of([id])[id]
    form = EditQuestionForm(obj=question, data={"revision": question.revisions_count})
    form.revision.data = question.revisions_count
    form.tags.data = ", ".join(label for _slug, label in labels.tags)
    form.cpv.data = ", ".join(labels.cpv)
    form.take(draft_for(current_user, f"contribution:{id}:edit"))
    return render_template("questions/edit.html", question=question, form=form, active="questions")


@bp.post("/questions/<int:id>/modifier")
@login_required
def update(id: int):
    question = get_question(id)
    require(can_edit(current_user, question))
    form = EditQuestionForm(obj=question).at(question)
    if not form.validate_on_submit():
        return render_template("questions/edit.html", question=question, form=form, active="questions"), 422
    try:
        edit_question(question, current_user, form.revision.data, form.note.data or "", **form.values())
    except (Conflict, Invalid) as refused:
        form.body.errors = [*form.body.errors, refused.message]
        page = {"question": question, "form": form, "conflict": isinstance(refused, Conflict), "active": "questions"}
        return render_template("questions/edit.html", **page), refused.status
    drop_draft(current_user, f"contribution:{id}:edit")
    return saved(url_for_item(question))


@bp.route("/questions/<int:id>/fermeture", methods=["GET", "POST"])
@login_required
def close(id: int):
    question = get_question(id)
    require(can_close(current_user, question))
    form = CloseForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("questions/close.html", question=question, form=form, active="questions"), status
    close_question(question, current_user, form.reason.data)
    return saved(url_for_item(question))


@bp.route("/questions/<int:id>/doublon", methods=["GET", "POST"])
@login_required
def duplicate(id: int):
    question = get_question(id)
    require(can_mark_duplicate(current_user, question))
    form = DuplicateForm()
    page = {"question": question, "form": form, "active": "questions"}
    if not form.validate_on_submit():
        return render_template("questions/duplicate.html", **page), 422 if request.method == "POST" else 200
    try:
        mark_duplicate(question, get_question(form.original_id() or 0), current_user)
    except (Invalid, NotFound) as error:
        unknown = _("Aucune question à cette adresse ou de ce numéro.")
        form.original.errors = [unknown if isinstance(error, NotFound) else error.message]
        return render_template("questions/duplicate.html", **page), 422
    return saved(url_for_item(question))


def get_question(id: int) -> Question:
    return get_visible(Question, id, current_user, joinedload(Question.author).joinedload(Member.organisation))


add_act(bp, "/questions/<int:id>/reouverture", "reopen", get_question, can_close, reopen_question)
add_removal(bp, "/questions/<int:id>", get_question)


def show_question(question: Question, form: AnswerForm | None = None, status: int = 200):
    """The thread's page. At most 8 statements signed in, 5 for a visitor, however many answers there are."""
    sort = request.args.get("tri", "certified")
    answers = answers_of(question, sort if sort in SORTS else "certified", current_user)
    ids = [question.id, *(answer.id for answer in answers)]
    marks = marks_on(current_user, ids, [f"answer:{question.id}"])
    page = render_template(
        "questions/show.html",
        question=question,
        answers=answers,
        comments=comments_on(ids, current_user),
        files=files_named({post.id: [post.body_html] for post in (question, *answers)}),
        labels=labels_of([question.id])[question.id],
        links=links_of(question, current_user),
        original=_original(question),
        undo_answer=request.args.get("retiree", type=row_id),
        turn_into_sheet=can_turn_into_sheet(current_user, question, answers),
        marks=marks,
        form=form or AnswerForm(formdata=None, data=_begun(question, marks.drafts.get(f"answer:{question.id}", {}))),
        sort=sort,
        active="questions",
    )
    return page, status


def _begun(question: Question, draft: Mapping[str, str]) -> dict[str, str]:
    """What the answer's text starts with: the kept draft, and the post that « Citer » names (one more statement)."""
    body = draft.get("body", "")
    quoted = quoted_post(question.id, request.args.get("citer", type=row_id))
    if quoted is not None:
        body = f"{body.rstrip()}\n\n" if body.strip() else ""
        body += quote_markdown(quoted.body, quoted.author_name)
    return {**draft, "body": body}


def _original(question: Question) -> Question | None:
    """The question that this one doubles, if this person may see it (one more statement, on doubles only)."""
    if question.duplicate_of_id is None:
        return None
    try:
        return get_question(question.duplicate_of_id)
    except NotFound:
        return None


def _community_choices() -> list[tuple[str, str]]:
    return [(community.slug, community.name) for community in postable_communities(current_user)]


def _suggestions_to_read(form: QuestionForm):
    """Close content not shown yet (without JavaScript it comes as a step before publishing)."""
    if form.suggestions_seen.data == "1":
        return None
    return ports.call("close_content", current_user, form.title.data, form.body.data)
