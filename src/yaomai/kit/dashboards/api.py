"""REST: what cards say, and the boards that people make and share."""

from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Status

from yaomai.kit.access import Actor, current_actor, get_visible
from yaomai.kit.dashboards import selectors, services
from yaomai.kit.dashboards.models import Board, Delivery, Pack
from yaomai.kit.dashboards.reading import Answer, answers
from yaomai.kit.dashboards.registry import Card, Piece
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.api import IF_MATCH, PROBLEMS, Strict, expected_version, require_known
from yaomai.kit.ui import formats

router = Router(tags=["dashboards"])
ASKED = frozenset({"period", "place"})


class BoardCardOut(Strict):
    key: str
    label: str
    question: str
    unit: str


class CardGoalOut(Strict):
    value: Decimal
    origin: str


class CardPieceOut(Strict):
    label: str
    place: int | None
    value: Decimal | None
    before: Decimal | None


class CardMonthOut(Strict):
    month: date
    value: Decimal | None


class CardReadingOut(BoardCardOut):
    value: Decimal | None
    before: Decimal | None
    goal: CardGoalOut | None
    reason: str
    note: str
    next_step: str
    """Address of the screen on which something can be done about it; "" when there is none."""
    as_of: datetime | None
    months: list[CardMonthOut]
    places: list[CardPieceOut]
    parts: list[CardPieceOut]


class BoardOut(Strict):
    id: int
    name: str
    owner_id: int | None
    cards: list[str]
    period: str
    place: int | None
    version: int


class FilledBoardOut(BoardOut):
    readings: list[CardReadingOut]


class BoardIn(Strict):
    name: str
    cards: list[str]
    period: str = "quarter"
    place: int | None = None


class BoardChanges(Strict):
    name: str | None = None
    cards: list[str] | None = None
    period: str | None = None
    place: int | None = None


class BoardSharesIn(Strict):
    roles: list[str] = []
    people: list[int] = []


def _card(card: Card) -> BoardCardOut:
    return BoardCardOut(key=card.key, label=str(card.label), question=str(card.question), unit=card.unit)


def _piece(piece: Piece) -> CardPieceOut:
    return CardPieceOut(label=piece.label, place=piece.place, value=piece.value, before=piece.before)


def _reading(answer: Answer) -> CardReadingOut:
    said = answer.reading
    return CardReadingOut(
        **_card(answer.card).model_dump(),
        value=said.value, before=said.before,
        goal=CardGoalOut(value=said.goal.value, origin=formats.origin(str(said.goal.origin))) if said.goal is not None else None,
        reason=said.reason, note=said.note, next_step=said.next_step.url if said.next_step is not None else "",
        as_of=said.as_of,
        months=[CardMonthOut(month=month, value=value) for month, value in zip(said.months, said.series, strict=True)],
        places=[_piece(piece) for piece in said.places], parts=[_piece(piece) for piece in said.parts],
    )  # fmt: skip


def _board(board: Board) -> BoardOut:
    return BoardOut(
        id=board.pk, name=board.name, owner_id=board.owner_id, cards=board.cards, period=board.period,
        place=board.place, version=board.version,
    )  # fmt: skip


def _read(actor: Actor, cards: list[Card], period: str, place: int | None) -> list[CardReadingOut]:
    found = answers(cards, actor=actor, now=timezone.now(), period=selectors.period_named(period), place=place)
    return [_reading(each) for each in found]


@router.get(
    "/cards/", response={200: list[BoardCardOut], **PROBLEMS}, summary="Every card that one may see",
    operation_id="dashboards_card_list",
)  # fmt: skip
def card_list(request: HttpRequest) -> list[BoardCardOut]:
    require_known(request, frozenset())
    return [_card(card) for card in selectors.visible_cards(current_actor())]


@router.get(
    "/cards/{key}", response={200: CardReadingOut, **PROBLEMS}, summary="What a card says, for a period and a territory",
    operation_id="dashboards_card_get",
)  # fmt: skip
def card_get(request: HttpRequest, key: str, period: str = "", place: int | None = None) -> CardReadingOut:
    require_known(request, ASKED)
    actor = current_actor()
    card = selectors.card_named(actor, key)
    chosen = selectors.place_named(actor, "" if place is None else str(place))
    found = _read(actor, [card], period, chosen)
    if not found:
        raise Missing
    return found[0]


@router.get(
    "/start", response={200: list[CardReadingOut], **PROBLEMS}, summary="The dashboard that one's role starts with",
    operation_id="dashboards_start_get",
)  # fmt: skip
def start_get(request: HttpRequest, period: str = "", place: int | None = None) -> list[CardReadingOut]:
    require_known(request, ASKED)
    actor = current_actor()
    chosen = selectors.place_named(actor, "" if place is None else str(place))
    return _read(actor, selectors.starting_cards(actor), period, chosen)


@router.get(
    "/boards/", response={200: list[BoardOut], **PROBLEMS}, summary="Dashboards that one made or was shown",
    operation_id="dashboards_board_list",
)  # fmt: skip
def board_list(request: HttpRequest) -> list[BoardOut]:
    require_known(request, frozenset())
    return [_board(board) for board in selectors.boards()]


@router.post(
    "/boards/", response={201: BoardOut, **PROBLEMS}, summary="Make a dashboard",
    operation_id="dashboards_board_create",
)  # fmt: skip
def board_create(request: HttpRequest, body: BoardIn) -> Status[BoardOut]:
    made = services.board_create(actor=current_actor(), now=timezone.now(), **body.model_dump())
    return Status(201, _board(made))


@router.get(
    "/boards/{pk}", response={200: FilledBoardOut, **PROBLEMS}, summary="A dashboard with one's own numbers",
    operation_id="dashboards_board_get",
)  # fmt: skip
def board_get(request: HttpRequest, pk: int, period: str = "", place: int | None = None) -> FilledBoardOut:
    require_known(request, ASKED)
    actor = current_actor()
    board = get_visible(Board, pk=pk, archived_at=None)
    chosen = board.place if place is None else selectors.place_named(actor, str(place))
    cards = selectors.cards_of(actor, board.cards)
    return FilledBoardOut(**_board(board).model_dump(), readings=_read(actor, cards, period or board.period, chosen))


@router.patch(
    "/boards/{pk}", response={200: BoardOut, **PROBLEMS}, summary="Change one's own dashboard",
    operation_id="dashboards_board_update", openapi_extra={"parameters": [IF_MATCH]},
)  # fmt: skip
def board_update(request: HttpRequest, pk: int, body: BoardChanges) -> BoardOut:
    changes, version = body.model_dump(exclude_unset=True), expected_version(request)
    return _board(
        services.board_update(
            actor=current_actor(), now=timezone.now(), pk=pk, changes=changes, expected_version=version
        )
    )


@router.put(
    "/boards/{pk}/shares", response={200: BoardOut, **PROBLEMS}, summary="Show one's dashboard to roles and people",
    operation_id="dashboards_board_share",
)  # fmt: skip
def board_share(request: HttpRequest, pk: int, body: BoardSharesIn) -> BoardOut:
    made = services.board_share(actor=current_actor(), now=timezone.now(), pk=pk, roles=body.roles, people=body.people)
    return _board(made)


@router.delete(
    "/boards/{pk}", response={204: None, **PROBLEMS}, summary="Put one's own dashboard away",
    operation_id="dashboards_board_archive", openapi_extra={"parameters": [IF_MATCH]},
)  # fmt: skip
def board_archive(request: HttpRequest, pk: int) -> Status[None]:
    version = expected_version(request)
    services.board_archive(actor=current_actor(), now=timezone.now(), pk=pk, expected_version=version)
    return Status(204, None)


# Report packs ---------------------------------------------------------------------------------------------


class PackOut(Strict):
    id: int
    name: str
    has_start: bool
    boards: list[int]
    lists: list[int]
    rhythm: str
    on_day: int
    roles: list[str]
    people: list[int]
    version: int


class PackIn(Strict):
    name: str
    has_start: bool = False
    boards: list[int] = []
    lists: list[int] = []
    rhythm: str = "weekly"
    on_day: int = 1
    roles: list[str] = []
    people: list[int] = []


class PackChanges(Strict):
    name: str | None = None
    has_start: bool | None = None
    boards: list[int] | None = None
    lists: list[int] | None = None
    rhythm: str | None = None
    on_day: int | None = None
    roles: list[str] | None = None
    people: list[int] | None = None


class DeliveryOut(Strict):
    id: int
    name: str
    day: date
    made_at: datetime | None
    """When it was made; null while it is on its way."""
    opened_at: datetime | None
    files: list[str]
    """Addresses of its files."""


def _pack(pack: Pack) -> PackOut:
    return PackOut(**{"id": pack.pk, **{name: getattr(pack, name) for name in PackOut.model_fields if name != "id"}})


def _delivery(row: Delivery) -> DeliveryOut:
    kinds = [*(["pdf"] if row.has_pdf else []), "xlsx"] if row.made_at is not None else []  # type: ignore[attr-defined]
    return DeliveryOut(
        id=row.pk, name=row.name, day=row.day, made_at=row.made_at, opened_at=row.opened_at,
        files=[reverse("dashboards:delivery_file", args=[row.pk, kind]) for kind in kinds],
    )  # fmt: skip


@router.get(
    "/packs/", response={200: list[PackOut], **PROBLEMS}, summary="Report packs that one set up",
    operation_id="dashboards_pack_list",
)  # fmt: skip
def pack_list(request: HttpRequest) -> list[PackOut]:
    require_known(request, frozenset())
    return [_pack(pack) for pack in selectors.packs()]


@router.post(
    "/packs/", response={201: PackOut, **PROBLEMS}, summary="Set up a report pack",
    operation_id="dashboards_pack_create",
)  # fmt: skip
def pack_create(request: HttpRequest, body: PackIn) -> Status[PackOut]:
    return Status(201, _pack(services.pack_create(actor=current_actor(), now=timezone.now(), **body.model_dump())))


@router.patch(
    "/packs/{pk}", response={200: PackOut, **PROBLEMS}, summary="Change one's own report pack",
    operation_id="dashboards_pack_update", openapi_extra={"parameters": [IF_MATCH]},
)  # fmt: skip
def pack_update(request: HttpRequest, pk: int, body: PackChanges) -> PackOut:
    changes, version = body.model_dump(exclude_unset=True), expected_version(request)
    return _pack(
        services.pack_update(
            actor=current_actor(), now=timezone.now(), pk=pk, changes=changes, expected_version=version
        )
    )


@router.delete(
    "/packs/{pk}", response={204: None, **PROBLEMS}, summary="Stop one's own report pack",
    operation_id="dashboards_pack_archive", openapi_extra={"parameters": [IF_MATCH]},
)  # fmt: skip
def pack_archive(request: HttpRequest, pk: int) -> Status[None]:
    version = expected_version(request)
    services.pack_archive(actor=current_actor(), now=timezone.now(), pk=pk, expected_version=version)
    return Status(204, None)


@router.get(
    "/deliveries/", response={200: list[DeliveryOut], **PROBLEMS}, summary="Reports that one received",
    operation_id="dashboards_delivery_list",
)  # fmt: skip
def delivery_list(request: HttpRequest) -> list[DeliveryOut]:
    require_known(request, frozenset())
    return [_delivery(row) for row in selectors.deliveries()]
