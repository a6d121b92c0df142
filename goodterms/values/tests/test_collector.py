"""The collector rests within a chunk and is as it was after it, whatever happens in it."""

import gc

import pytest

from goodterms.values.collector import uncollected


def test_it_rests_within_and_works_again_afterwards_even_if_the_chunk_fails() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="odd"), uncollected():
        raise ValueError("odd")
    assert gc.isenabled()
