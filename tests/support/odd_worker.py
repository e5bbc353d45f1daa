"""Workers that are not what the server expects; the target's name says which one."""

import socket
import sys
import threading

from alive_core.engines.child.frames import Hello, encode_frame


def main() -> None:
    end = socket.socket(fileno=int(sys.argv[1]))
    match sys.argv[4]:
        case "old":
            end.sendall(encode_frame(Hello("0", sys.argv[3])))
        case "huge":
            end.sendall(b"\xff\xff\xff\xff")
        case "garbled":
            end.sendall(b"\x02\x00\x00\x00\xc1\xc1")
    threading.Event().wait()


if __name__ == "__main__":
    main()
