"""A lossless H.264 writer for drawings: flat areas are predicted, everything else is sent as it is.

What it writes is Constrained Baseline: one slice a picture, one reference picture, CAVLC, no deblocking. A
macroblock that equals the picture before is skipped (P_Skip); one that repeats its neighbour's edge is
predicted from it (Intra_16x16 and its chroma, horizontal or vertical, no residual); all others are I_PCM,
raw samples. So decoding gives back exactly the samples that went in, and the size follows the drawn area,
not the frame.

Section numbers are those of ITU-T H.264 | ISO/IEC 14496-10.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BASELINE, CONSTRAINED, LEVEL_3 = 66, 0b11000000, 30
_NON_IDR, _IDR, _SPS, _PPS = 1, 5, 7, 8
_P_SLICE, _I_SLICE = 5, 7
_LOG2_MAX_FRAME_NUM = 4
_FIRST_INTRA_TYPE_IN_P = 5  # 7.4.5: in P slices the I macroblock types count from 5 (table 7-13)
_I_PCM = 25  # table 7-11
# Prediction mode numbers differ between luma (table 8-4) and chroma (table 8-5).
_LUMA_VERTICAL, _LUMA_HORIZONTAL = 0, 1
_CHROMA_HORIZONTAL, _CHROMA_VERTICAL = 1, 2


class Macroblock(NamedTuple):
    """16×16 luma and two 8×8 colour-difference samples, each row by row: 256, 64 and 64 bytes."""

    y: bytes
    cb: bytes
    cr: bytes


class Frame(NamedTuple):
    """The shape of the video: macroblocks across and down, and the pixels of them that are shown."""

    columns: int
    rows: int
    width: int
    height: int


class Bits:
    """Bits, most significant first, with the codes of section 9.1."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._tail = 1  # a leading one, then up to seven bits not yet in `_done`

    def u(self, value: int, width: int) -> None:
        """u(n): `value` in `width` bits."""
        self._tail = (self._tail << width) | value
        whole, rest = divmod(self._tail.bit_length() - 1, 8)
        if whole:
            head = (self._tail >> rest) - (1 << 8 * whole)
            self._done += head.to_bytes(whole, "big")
            self._tail = (1 << rest) | (self._tail & ((1 << rest) - 1))

    def ue(self, value: int) -> None:
        """ue(v): Exp-Golomb, section 9.1."""
        self.u(value + 1, 2 * (value + 1).bit_length() - 1)

    def se(self, value: int) -> None:
        """se(v): section 9.1.1."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def align(self) -> None:
        """Zero bits up to the next byte."""
        self.u(0, -(self._tail.bit_length() - 1) % 8)

    def raw(self, samples: bytes) -> None:
        """Whole bytes; the position must be aligned."""
        self._done += samples

    def payload(self) -> bytes:
        """All bits, closed by rbsp_trailing_bits (7.3.2.11)."""
        self.u(1, 1)
        self.align()
        return bytes(self._done)


def unit(kind: int, payload: bytes) -> bytes:
    """A NAL unit (7.3.1): header, then the payload kept free of start codes (7.4.1.1)."""
    importance = 3 << 5
    return bytes([importance | kind]) + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", payload)


def sequence_parameters(frame: Frame) -> bytes:
    """The sequence parameter set (7.3.2.1.1), with the crop that cuts the last macroblocks to the frame."""
    bits = Bits()
    for value in (BASELINE, CONSTRAINED, LEVEL_3):
        bits.u(value, 8)
    bits.ue(0)  # seq_parameter_set_id
    bits.ue(_LOG2_MAX_FRAME_NUM - 4)
    bits.ue(2)  # pic_order_cnt_type: shown in the order sent
    bits.ue(1)  # max_num_ref_frames
    bits.u(0, 1)  # gaps_in_frame_num_value_allowed_flag
    bits.ue(frame.columns - 1)
    bits.ue(frame.rows - 1)
    bits.u(1, 1)  # frame_mbs_only_flag
    bits.u(1, 1)  # direct_8x8_inference_flag
    right = (frame.columns * 16 - frame.width) // 2  # in units of two pixels (table 6-1)
    bottom = (frame.rows * 16 - frame.height) // 2
    bits.u(1 if right or bottom else 0, 1)
    if right or bottom:
        for offset in (0, right, 0, bottom):
            bits.ue(offset)
    bits.u(1, 1)  # vui_parameters_present_flag
    _usability(bits)
    return unit(_SPS, bits.payload())


def _usability(bits: Bits) -> None:
    """VUI (E.1.1): BT.601 colours in limited range, and no reordering, so that players need not wait."""
    bits.u(0, 1)  # aspect_ratio_info_present_flag
    bits.u(0, 1)  # overscan_info_present_flag
    bits.u(1, 1)  # video_signal_type_present_flag
    bits.u(5, 3)  # video_format: unspecified
    bits.u(0, 1)  # video_full_range_flag
    bits.u(1, 1)  # colour_description_present_flag
    for _ in ("primaries", "transfer", "matrix"):
        bits.u(6, 8)  # SMPTE 170M (tables E-3, E-4, E-5)
    for _ in ("chroma_loc_info", "timing_info", "nal_hrd", "vcl_hrd", "pic_struct"):
        bits.u(0, 1)  # not present
    bits.u(1, 1)  # bitstream_restriction_flag
    bits.u(1, 1)  # motion_vectors_over_pic_boundaries_flag
    for value in (0, 0, 16, 16, 0, 1):  # no size bounds; vector lengths; max_num_reorder_frames 0; one buffer
        bits.ue(value)


def picture_parameters() -> bytes:
    """The picture parameter set (7.3.2.2)."""
    bits = Bits()
    bits.ue(0)  # pic_parameter_set_id
    bits.ue(0)  # seq_parameter_set_id
    bits.u(0, 1)  # entropy_coding_mode_flag: CAVLC
    bits.u(0, 1)  # bottom_field_pic_order_in_frame_present_flag
    bits.ue(0)  # num_slice_groups_minus1
    bits.ue(0)  # num_ref_idx_l0_default_active_minus1
    bits.ue(0)  # num_ref_idx_l1_default_active_minus1
    bits.u(0, 1)  # weighted_pred_flag
    bits.u(0, 2)  # weighted_bipred_idc
    for _ in ("pic_init_qp_minus26", "pic_init_qs_minus26", "chroma_qp_index_offset"):
        bits.se(0)
    bits.u(1, 1)  # deblocking_filter_control_present_flag
    bits.u(0, 1)  # constrained_intra_pred_flag
    bits.u(0, 1)  # redundant_pic_cnt_present_flag
    return unit(_PPS, bits.payload())


class Encoder:
    """Pictures in, slices out; it remembers the last picture, which the next one refers to."""

    def __init__(self, frame: Frame) -> None:
        self._columns = frame.columns
        self._blocks: list[Macroblock] = []
        self._raw: set[int] = set()  # macroblocks of this picture sent as I_PCM
        self._count = 0

    def key_frame(self, blocks: Sequence[Macroblock]) -> bytes:
        """The first picture (IDR), all its macroblocks row by row → one NAL unit."""
        bits = self._slice(_I_SLICE)
        self._blocks = list(blocks)
        for address in range(len(blocks)):
            self._intra(bits, address, 0)
        return unit(_IDR, bits.payload())

    def next_frame(self, changes: Mapping[int, Macroblock]) -> bytes:
        """A later picture, as the macroblocks by address that may differ from the last → one NAL unit."""
        bits = self._slice(_P_SLICE)
        sent = sorted(at for at, block in changes.items() if block != self._blocks[at])
        for address in sent:
            self._blocks[address] = changes[address]
        expected = 0
        for address in sent:
            bits.ue(address - expected)  # mb_skip_run (7.3.4)
            self._intra(bits, address, _FIRST_INTRA_TYPE_IN_P)
            expected = address + 1
        if expected < len(self._blocks):
            bits.ue(len(self._blocks) - expected)
        return unit(_NON_IDR, bits.payload())

    def _slice(self, kind: int) -> Bits:
        """The slice header (7.3.3)."""
        bits = Bits()
        bits.ue(0)  # first_mb_in_slice
        bits.ue(kind)
        bits.ue(0)  # pic_parameter_set_id
        bits.u(self._count % (1 << _LOG2_MAX_FRAME_NUM), _LOG2_MAX_FRAME_NUM)
        if kind == _I_SLICE:
            bits.ue(0)  # idr_pic_id
            bits.u(0, 2)  # dec_ref_pic_marking: no_output_of_prior_pics_flag, long_term_reference_flag
        else:
            bits.u(0, 3)  # no other reference count, no reordering (7.3.3.1), no adaptive marking (7.3.3.3)
        bits.se(0)  # slice_qp_delta
        bits.ue(1)  # disable_deblocking_filter_idc
        self._count += 1
        self._raw = set()
        return bits

    def _intra(self, bits: Bits, address: int, first_type: int) -> None:
        """One macroblock (7.3.5): predicted when that is exact, else as raw samples."""
        block = self._blocks[address]
        above = address - self._columns if address >= self._columns else None
        left = address - 1 if address % self._columns else None
        luma = self._copies(block.y, 0, 16, above, left)
        chroma = self._copies(block.cb, 1, 8, above, left) & self._copies(block.cr, 2, 8, above, left)
        if not luma or not chroma:
            bits.ue(first_type + _I_PCM)
            bits.align()
            bits.raw(b"".join(block))
            self._raw.add(address)
            return
        bits.ue(first_type + 1 + (_LUMA_VERTICAL if "vertical" in luma else _LUMA_HORIZONTAL))
        bits.ue(_CHROMA_VERTICAL if "vertical" in chroma else _CHROMA_HORIZONTAL)
        bits.se(0)  # mb_qp_delta
        # coeff_token for no coefficients (table 9-5) depends on the neighbours' count, which is 16 for I_PCM
        # and 0 for all others here (9.2.1): the mean of both is at least 8, or 0.
        if above in self._raw or left in self._raw:
            bits.u(0b000011, 6)
        else:
            bits.u(1, 1)

    def _copies(self, samples: bytes, plane: int, side: int, above: int | None, left: int | None) -> set[str]:
        """The predictions (8.3.3, 8.3.4) that give exactly these samples."""
        ways = set()
        if above is not None and samples == self._blocks[above][plane][-side:] * side:
            ways.add("vertical")
        if left is not None:
            edge = self._blocks[left][plane][side - 1 :: side]
            if samples == b"".join([edge[at : at + 1] * side for at in range(side)]):
                ways.add("horizontal")
        return ways
