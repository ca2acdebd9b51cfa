"""Why something did not leave the house: stable codes with texts for people, as the list shows them.

A dispatch keeps its last fault as ``code: detail``; the detail is for the operator, the texts for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from service.domain.errors import CongVanError

FAULTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "partner.unknown": (
            "Bên nhận chưa có trong danh bạ đầu mối tiếp nhận.",
            "The receiver is not in the directory of receiving contact points.",
        ),
        "partner.no_endpoint": (
            "Bên nhận chưa đăng ký địa chỉ nhận gói tin trong danh bạ đầu mối; đăng ký rồi gửi lại.",
            "The receiver has no address for packets in the directory; register one, then send again.",
        ),
        "endpoint.invalid": (
            "Địa chỉ đã đăng ký không hợp lệ.",
            "The registered address is not valid.",
        ),
        "peer.address_refused": (
            "Địa chỉ của bên nhận trỏ vào vùng mạng không được phép gọi.",
            "The receiver's address leads into a network that may not be called.",
        ),
        "peer.unreachable": (
            "Chưa kết nối được với bên nhận; hệ thống sẽ tự gửi lại.",
            "The receiver cannot be reached now; it is tried again by itself.",
        ),
        "peer.busy": (
            "Bên nhận đang bận; hệ thống sẽ tự gửi lại.",
            "The receiver is busy; it is tried again by itself.",
        ),
        "peer.odd_answer": (
            "Địa chỉ trả lời không đúng quy cách (như một trang web); hệ thống sẽ tự gửi lại.",
            "The address does not answer as the exchange does (such as a web page); it is tried again.",
        ),
        "peer.refused": ("Bên nhận từ chối bản tin.", "The receiver refuses the message."),
        "peer.redirected": (
            "Bên nhận chuyển sang địa chỉ khác chưa đăng ký; cần cập nhật danh bạ.",
            "The receiver points to another address, which is not registered; the directory needs a change.",
        ),
        "dispatch.waits": (
            "Chờ bản tin trước của cùng văn bản được gửi xong.",
            "Waits until an earlier message about the same document has been sent.",
        ),
        "dispatch.waits_for_scan": (
            "Chờ quét mã độc xong tệp của văn bản; hệ thống sẽ tự gửi lại.",
            "Waits until the document's files have been scanned for malware; it is tried again by itself.",
        ),
        "dispatch.locked_file": (
            "Một tệp của văn bản đang bị cách ly (mã độc hoặc nội dung bí mật); văn bản không được gửi đi.",
            "A file of the document is locked (malware or secret content); the document is not sent.",
        ),
        "notice.no_receiver": (
            "Hôm nay không có ai giữ vai trò hoặc đơn vị được thông báo.",
            "Nobody holds the role or works in the unit today that was to be told.",
        ),
        "mail.unreachable": (
            "Chưa kết nối được với máy chủ thư; hệ thống sẽ tự gửi lại.",
            "The mail server cannot be reached now; it is tried again by itself.",
        ),
        "mail.busy": (
            "Máy chủ thư tạm thời chưa nhận; hệ thống sẽ tự gửi lại.",
            "The mail server does not take it now; it is tried again by itself.",
        ),
        "mail.refused": ("Máy chủ thư từ chối thư này.", "The mail server refuses the mail."),
        "partner.no_channel": (
            "Bên nhận chưa đăng ký cách nhận văn bản điện tử; đăng ký kênh rồi gửi lại.",
            "The receiver has no registered way to take electronic documents; register one, then send again.",
        ),
        "partner.no_mailbox": (
            "Bên nhận chưa có hộp thư công vụ trong danh bạ.",
            "The receiver has no mailbox in the directory.",
        ),
        "partner.locked": (
            "Liên thông với bên nhận đang tạm khóa.",
            "Exchange with the receiver is locked for now.",
        ),
        "mail.not_set_up": ("Chưa cấu hình máy chủ thư.", "No mail server is set up."),
        "mail.too_large": ("Tệp quá lớn để gửi thư.", "The files are too large for a mail."),
        "folder.unknown": (
            "Chưa cấu hình thư mục dùng chung của bên nhận.",
            "The receiver's shared folder is not set up.",
        ),
        "folder.unreachable": (
            "Chưa ghi được vào thư mục dùng chung; hệ thống sẽ tự thử lại.",
            "The shared folder cannot be written now; it is tried again by itself.",
        ),
        "axis.not_set_up": ("Chưa kết nối trục liên thông.", "The exchange axis is not set up."),
        "axis.refused": ("Trục liên thông từ chối gói tin.", "The exchange axis refuses the package."),
        "edxml.invalid": (
            "Văn bản thiếu thông tin để đóng gói theo QCVN 102.",
            "The document lacks what a package of QCVN 102 needs.",
        ),
        "document.recalled": ("Văn bản đã thu hồi, không gửi nữa.", "The document was recalled."),
        "dispatch.fault": ("Lỗi chưa xác định khi gửi.", "An unforeseen fault while sending."),
    },
)


@dataclass(frozen=True, slots=True)
class DispatchFault:
    """A fault as it is shown; ``detail`` is what the receiver or the network said."""

    code: str
    vi: str
    en: str
    detail: str


def fault_text(code: str, detail: str = "") -> str:
    """Return what a dispatch keeps: ``code: detail``.

    Raises:
        KeyError: the code is not in :data:`FAULTS`.
    """
    FAULTS[code]
    return f"{code}: {detail}"


def fault_of(error: CongVanError) -> str:
    """Return what a dispatch keeps of an error: its code and its ``detail``, or its English text."""
    return f"{error.code}: {error.extra.get('detail') or error.en}"


def read_fault(kept: str | None) -> DispatchFault | None:
    """Return the fault of a dispatch; what is no known code becomes ``dispatch.fault``."""
    if kept is None:
        return None
    code, _, detail = kept.partition(": ")
    if code not in FAULTS:
        code, detail = "dispatch.fault", kept
    vi, en = FAULTS[code]
    return DispatchFault(code, vi, en, detail)
