"""What can be wrong with a file, and how to mend it, in Chinese and English."""

from collections.abc import Mapping
from typing import ClassVar, Final

UNPACKED_LIMIT: Final = 2 * 1024**3
"""What a packed file may unpack to, in bytes."""

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "missing": (
        "文件不存在：{file}。请检查路径",
        "No such file: {file}. Check the path",
    ),
    "suffix": (
        "不支持的文件类型：{file}。请使用 .csv、.xlsx 或 .parquet",
        "Unsupported file type: {file}. Use .csv, .xlsx or .parquet",
    ),
    "empty": (
        "文件为空，没有表头：{file}",
        "The file is empty and has no header: {file}",
    ),
    "folder": (
        "{file} 是文件夹。请写明文件名，例如 out.csv",
        "{file} is a folder. Name a file in it, like out.csv",
    ),
    "own_input": (
        "{file} 是输入文件，结果不能覆盖它。请换一个文件名",
        "{file} is an input; the result must not replace it. Choose another name",
    ),
    "no_sheet": (
        "{file} 中没有工作表“{sheet}”。现有工作表：{sheets}",
        "{file} has no sheet “{sheet}”. Its sheets are: {sheets}",
    ),
    "several_sheets": (
        "{file} 有多个工作表：{sheets}。请用 --sheet 指明用哪一个（客户文件用 --customers-sheet，主数据用 --against-sheet）",
        "{file} has several sheets: {sheets}. Say which one with --sheet (--customers-sheet for the customers,"
        " --against-sheet for the master list)",
    ),
    "password": (
        "{file} 设有密码。请在 Excel 中取消密码后另存再试",
        "{file} is password-protected. Save a copy without the password and try again",
    ),
    "damaged": (
        "无法读取 {file}，文件可能已损坏或不完整（{detail}）。请重新导出后再试",
        "Cannot read {file}: it is damaged or incomplete ({detail}). Export it again",
    ),
    "too_large": (
        "{file} 解压后超过 {limit} GB。请拆分后再试",
        "{file} unpacks to more than {limit} GB. Split it and try again",
    ),
    "far_cell": (
        "{file} 中有单元格远离表格（直到 {cell}）。请删除表格以外的行和列，另存后再试",
        "{file} has cells far away from the table (up to {cell}). Delete the rows and columns beside the table, save,"
        " and try again",
    ),
    "encoding": (
        "{file} 既不是 UTF-8 也不是 GBK 编码。请在 Excel 中另存为“CSV UTF-8”",
        "{file} is neither UTF-8 nor GBK. Save it as “CSV UTF-8”",
    ),
    "duplicate_column": (
        "{file} 的表头中列名“{column}”重复出现。请改为不同的列名",
        "{file}: the header has the column “{column}” more than once. Give each its own name",
    ),
    "ragged_row": (
        "{file} 第 {row} 行有 {found} 列，表头有 {expected} 列。请检查该行的逗号和引号",
        "{file}, row {row}: {found} columns where the header has {expected}. Check commas and quotes in that row",
    ),
    "missing_column": (
        "{file} 中没有列“{column}”。现有列：{columns}",
        "{file} has no column “{column}”. Its columns are: {columns}",
    ),
    "missing_master_name": (
        "{file} 中没有列“{column}”。现有列：{columns}。如果名称列在这里叫别的名字，请加 --master-name 列名",
        "{file} has no column “{column}”. Its columns are: {columns}. If the names stand under another heading there,"
        " add --master-name COLUMN",
    ),
    "number": (
        "{file} 第 {row} 行“{column}”列的值“{value}”不是数字。请改为数字或留空",
        "{file}, row {row}, column “{column}”: “{value}” is not a number. Write a number or leave it empty",
    ),
    "number_ambiguous": (
        "{file} 第 {row} 行“{column}”列的值“{value}”可以读成两个数。请写成 1234.5 的形式",
        "{file}, row {row}, column “{column}”: “{value}” can be read as two numbers. Write it like 1234.5",
    ),
    "number_range": (
        "{file} 第 {row} 行“{column}”列的值“{value}”过大。请核对",
        "{file}, row {row}, column “{column}”: “{value}” is too large. Check it",
    ),
    "date": (
        "{file} 第 {row} 行“{column}”列的值“{value}”不是日期。请写成 2026-01-31 的形式",
        "{file}, row {row}, column “{column}”: “{value}” is not a date. Write it like 2026-01-31",
    ),
    "date_ambiguous": (
        "{file} 第 {row} 行“{column}”列的值“{value}”分不清哪个是月、哪个是日。请加 --dates month-first 或 --dates day-first",
        "{file}, row {row}, column “{column}”: “{value}” may be either day or month first. Add --dates month-first or"
        " --dates day-first",
    ),
    "no_value": (
        "{file} 第 {row} 行“{column}”列没有值（共 {rows} 行缺值）。请补全；或删去这些行；或加 --skip-incomplete 略过",
        "{file}, row {row}, column “{column}”: there is no value ({rows} such rows). Fill it in; or delete the rows; or"
        " leave them out with --skip-incomplete",
    ),
    "excel_rows": (
        "结果有 {rows} 行，超过 Excel 的上限。请改用 .csv 或 .parquet",
        "The result has {rows} rows, more than Excel holds. Use .csv or .parquet",
    ),
}


class InputProblem(ValueError):
    """Input that cannot be used; `code` and `params` say why, `render` says it in Chinese or English."""

    messages: ClassVar[Mapping[str, tuple[str, str]]]
    """Code -> what is wrong and how to mend it, in Chinese and in English."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(self.render("en"))

    def render(self, language: str = "zh") -> str:
        """Say what is wrong and how to mend it; `language` is "zh" or "en"."""
        chinese, english = self.messages[self.code]
        return (chinese if language.startswith("zh") else english).format(**self.params)


class FileProblem(InputProblem):
    """A file that cannot be used."""

    messages = _MESSAGES
