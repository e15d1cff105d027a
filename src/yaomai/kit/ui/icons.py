"""The icons there are. `scripts/refresh_vendor.py` cuts exactly these out of Tabler Icons into one sprite."""

NAMES: tuple[str, ...] = tuple(
    sorted(
        """
        abacus activity adjustments-horizontal alert-circle alert-octagon alert-triangle ambulance archive arrow-back-up
        arrow-down arrow-down-right arrow-left arrow-merge arrow-right arrow-up arrow-up-right arrows-exchange
        arrows-sort award ban bell bookmark books box briefcase building building-bank building-community
        building-factory-2 building-hospital building-store building-warehouse calculator calendar calendar-event
        calendar-plus camera chart-bar chart-dots chart-histogram chart-line chart-sankey check checkbox checklist
        chevron-down chevron-left chevron-right chevron-up circle circle-check circle-dashed circle-half-2 circle-x
        clipboard-check clipboard-list clock clock-hour-4 cloud-off coin columns columns-3 command copy crown
        currency-yuan database database-import device-desktop device-floppy device-mobile dots dots-vertical download
        edit eraser external-link eye eye-off file file-alert file-check file-export file-import file-spreadsheet
        file-text filter filter-off fingerprint flag flask folder gavel git-compare git-merge grid-dots grip-vertical
        heart-handshake help help-circle hierarchy-2 history home hourglass id info-circle key keyboard language layers-intersect
        layout-list layout-sidebar-left-collapse link list list-check list-details lock lock-open login logout mail
        map-pin math-function medal menu-2 message message-circle microscope minus moon mood-empty navigation note notebook notes package
        paperclip password pencil percentage phone pill pin player-pause player-play player-stop plug plus point
        presentation printer progress puzzle qrcode question-mark receipt refresh report-analytics report-medical
        rotate route scale school search select selector send settings share shield shield-check shield-lock sitemap
        sort-ascending sort-descending sparkles stack-2 star stethoscope sun table table-export tag target target-arrow
        timeline-event tool transfer trash trending-down trending-up trophy truck-delivery upload user user-check
        user-circle user-plus user-search users users-group versions wand world x zoom-question
        """.split()
    )
)
