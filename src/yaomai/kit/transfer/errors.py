"""Why a file cannot be taken in. Each error says what is wrong and how to mend it."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Invalid, Text


class FileRefused(Invalid):
    """A file that cannot be read as a table; `mend` says what its owner can do."""

    code = "transfer.file"
    message = _("This file cannot be read as a table.")
    mend: ClassVar[Text] = _("Open it in Excel or WPS, save it as .xlsx, and upload it again.")

    def __str__(self) -> str:
        mend = str(self.mend) % self.params if self.params else str(self.mend)
        message = super().__str__()
        return f"{message}{mend}" if message.endswith("。") else f"{message} {mend}"


class FileMissing(FileRefused):
    code = "transfer.missing"
    message = _("There is no file at %(path)s.")
    mend = _("Check the path.")


class FileGone(FileRefused):
    code = "transfer.gone"
    message = _("The uploaded file is no longer kept on the server.")
    mend = _("Upload it again to go on with it. What was imported from it is not affected.")


class FileEmpty(FileRefused):
    code = "transfer.empty"
    message = _("The file is empty.")
    mend = _("Check that the right file was chosen, and export it again if necessary.")


class FileTooLarge(FileRefused):
    code = "transfer.too_large"
    message = _("The file has %(size)s MB; at most %(limit)s MB can be uploaded.")
    mend = _("Split it, for example by month, and upload the parts one after the other.")


class UnpacksTooLarge(FileRefused):
    """A zip or gzip bomb, or a workbook far beyond what a sheet can hold."""

    code = "transfer.unpacks_too_large"
    message = _("The file unpacks to far more data than a table of its size can hold, so it was not opened.")
    mend = _("If the file is genuine, open it in Excel or WPS, copy the table into a new workbook, and upload that.")


class CellsFarApart(FileRefused):
    code = "transfer.far_apart"
    message = _("A sheet reaches to cell %(cell)s, with almost nothing in between, so it was not opened.")
    mend = _(
        "Something stands far below or to the right of the table: in Excel or WPS press Ctrl+End in each sheet, delete those "
        "rows and columns, and save. Or copy the table into a new workbook, and upload that."
    )


class FileTruncated(FileRefused):
    code = "transfer.truncated"
    message = _("The file is incomplete: its end is missing.")
    mend = _("The copy or download was probably interrupted. Fetch the file again and upload it.")


class FileDamaged(FileRefused):
    code = "transfer.damaged"
    message = _("The file is damaged and cannot be opened.")
    mend = _("Open it in Excel or WPS; if that works, save it under a new name as .xlsx and upload that.")


class PasswordProtected(FileRefused):
    code = "transfer.password"
    message = _("The file is protected by a password.")
    mend = _("Open it with the password, remove the password (Save as, Tools, General options), and upload it again.")


class MacroWorkbook(FileRefused):
    code = "transfer.macros"
    message = _("The workbook contains macros, which are never accepted.")
    mend = _("In Excel or WPS choose “Save as” and the type “Excel workbook (.xlsx)”, and upload that file.")


class NotATable(FileRefused):
    code = "transfer.not_a_table"
    message = _("This is not a table: the content is %(content)s.")
    mend = _("Upload an Excel workbook (.xlsx, .xls) or a text table (.csv, .tsv).")


class KindNotSupported(FileRefused):
    code = "transfer.kind"
    message = _("Files of the type %(kind)s are not read.")
    mend = _("Open it in Excel or WPS, save it as .xlsx, and upload that.")


class DisguisedPage(FileRefused):
    code = "transfer.disguised"
    message = _("The file is named like a workbook but is really a web page (%(kind)s), as some systems export it.")
    mend = _("Open it in Excel or WPS, save it as .xlsx, and upload that.")


class SeveralFiles(FileRefused):
    code = "transfer.several_files"
    message = _("The archive must hold exactly one table; it holds %(count)s: %(names)s.")
    mend = _("Unpack it and upload the tables one after the other.")


class WrongEncoding(FileRefused):
    code = "transfer.encoding"
    message = _("The text cannot be read from row %(row)s on: it is neither UTF-8 nor GB18030 (GBK).")
    mend = _("Open the file in Excel or WPS, save it as .xlsx or as “CSV UTF-8”, and upload that.")


class BrokenQuotes(FileRefused):
    code = "transfer.quotes"
    message = _("The quotation marks in row %(row)s do not match.")
    mend = _("Correct the quotation marks in that row, or save the table as .xlsx and upload that.")


class RaggedRow(FileRefused):
    code = "transfer.ragged"
    message = _("Row %(row)s has %(found)s values, but the header has only %(expected)s columns.")
    mend = _("Probably a value contains the separator. Put that value in quotation marks, or save the table as .xlsx.")


class CellTooLong(FileRefused):
    code = "transfer.cell"
    message = _(
        "Row %(row)s of “%(sheet)s” has a cell with more than %(limit)s characters, which no spreadsheet holds."
    )
    mend = _("Shorten it. In a text table, also look for a quotation mark in that row that is never closed.")


class FormulaNotCalculated(FileRefused):
    code = "transfer.formula"
    message = _("Cell %(cell)s of sheet “%(sheet)s” holds a formula that was never calculated (%(count)s such cells).")
    mend = _("Open the file in Excel or WPS, save it, and upload it again; or replace the formulas by their values.")


class HeaderNotFound(FileRefused):
    code = "transfer.header"
    message = _("No row with column names was found in sheet “%(sheet)s”.")
    mend = _("Add a first row with the name of each column, or download the template and paste the data into it.")


class DuplicateHeaders(FileRefused):
    code = "transfer.duplicate_header"
    message = _(
        "The column name “%(header)s” stands in more than one column (%(letters)s) of sheet “%(sheet)s”, row %(row)s."
    )
    mend = _("Give each column its own name, and upload the file again.")


class NoRows(FileRefused):
    code = "transfer.no_rows"
    message = _("Sheet “%(sheet)s” has column names but no rows beneath them.")
    mend = _("Check that the right file was chosen.")


class SheetMissing(FileRefused):
    code = "transfer.sheet"
    message = _("There is no sheet “%(sheet)s”. The sheets are: %(sheets)s.")
    mend = _("Choose one of these sheets.")


class TooManyColumns(FileRefused):
    code = "transfer.columns"
    message = _("Sheet “%(sheet)s” has %(count)s columns; at most %(limit)s are read.")
    mend = _("Delete the columns that are not needed, and upload the file again.")


class TooManyRows(FileRefused):
    code = "transfer.rows"
    message = _("The table has more than %(limit)s rows.")
    mend = _("Split it, for example by month, and upload the parts one after the other.")
