"""What only computing needs is loaded when it is used, once, however many threads ask."""

import subprocess
import sys

PROGRAM = """
import sys, threading
from yaomai.server import later
later.put_off()
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet
assert "pyarrow.fs" not in sys.modules and "equal" not in vars(pc), "nothing is loaded yet"
found, gate = [], threading.Barrier(8)
def ask():
    gate.wait()
    found.append(pc.sum(pa.array([1, 2])).as_py())
threads = [threading.Thread(target=ask) for _ in range(8)]
[each.start() for each in threads]; [each.join() for each in threads]
assert found == [3] * 8, found
assert type(pc) is type(sys) and pc is sys.modules["pyarrow.compute"] is pa.compute
assert parquet.ParquetWriter is sys.modules["pyarrow.parquet"].ParquetWriter and parquet is sys.modules["pyarrow.parquet"]
try:
    pc.no_such_function
except AttributeError as error:
    assert "no_such_function" in str(error)
else:
    raise AssertionError
"""


def test_it_waits_and_is_then_the_module_itself() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
