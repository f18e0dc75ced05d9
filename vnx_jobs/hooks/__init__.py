"""Call backs: who may be told, where, and how it is proved that we tell it; and the telling.

`registry` registers, `addresses` says where messages may go, `envelope` what stands in them, `signing` proves who sent
them, `posting` sends one, `deliverer` sends all that are due.
"""
