; INT 13h with drive 80h, CHS and EDD. Uses sectors from 2000 on.

disk_tests:
        mov ah, 8
        mov dl, 0x80
        int 0x13
        jnc .there
        claim nc, "there is a hard disk"
        ret
.there:
        cmp dl, 1
        claim ae, "one hard disk at least"
        mov al, cl
        and ax, 0x3f
        mov [.sectors], ax
        mov al, dh
        mov ah, 0
        inc ax
        mov [.heads], ax
        mov al, ch
        mov ah, cl
        mov cl, 6
        shr ah, cl
        inc ax
        mov [.cylinders], ax
        mov ah, 0x15
        mov dl, 0x80
        int 0x13
        claim nc, "INT 13h AH=15h succeeds"
        claim_byte ah, 3, "and calls it a hard disk"
        mov [.size], dx
        mov [.size + 2], cx
        mov ax, [.heads]
        mul word [.sectors]
        mul word [.cylinders]
        cmp ax, [.size]
        claim e, "its size is cylinders * heads * sectors"
        cmp dx, [.size + 2]
        claim e, "high word, too"

        mov ah, 0x41
        mov bx, 0x55aa
        mov dl, 0x80
        int 0x13
        claim nc, "EDD is there"
        claim_equal bx, 0xaa55, "and signs"
        test cl, 1
        claim nz, "with packets"
        mov ah, 0x41
        mov bx, 0x1234
        mov dl, 0x80
        int 0x13
        claim c, "without the caller's signature it is not"

        mov word [.table], 0x1e
        mov si, .table
        mov ah, 0x48
        mov dl, 0x80
        int 0x13
        claim nc, "EDD tells parameters"
        claim_equal word [.table], 0x1e, "as many as there is room for"
        claim_equal word [.table + 24], 512, "sectors of 512 bytes"
        mov ax, [.table + 16]
        mov dx, [.table + 18]
        sub ax, [.size]
        sbb dx, [.size + 2]
        claim nc, "EDD's capacity is no less than what CHS reaches"
        les di, [.table + 26]
        claim_equal word [es:di], 0x1f0, "the disk's ports are at 1F0h"
        mov word [.table], 0x42
        mov si, .table
        mov ah, 0x48
        mov dl, 0x80
        int 0x13
        claim_equal word [.table + 30], 0xbedd, "the device's path is there"
        mov cx, 36
        mov si, .table + 30
        mov al, 0
.path_sum:
        add al, [si]
        inc si
        loop .path_sum
        claim_byte al, 0, "and its bytes add up to 0"
        mov word [.table], 0x10
        mov si, .table
        mov ah, 0x48
        mov dl, 0x80
        int 0x13
        claim c, "a table too small is refused"

        cld                             ; write 20 sectors by packet at 2000, read them by CHS
        mov ax, buffer
        mov es, ax
        xor di, di
        mov cx, 20 * 256
.pattern:
        mov ax, di
        xor ax, 0x5a5a
        stosw
        loop .pattern
        mov si, .packet
        mov word [si + 2], 20
        mov word [si + 4], 0
        mov word [si + 6], buffer
        mov word [si + 8], 2000
        mov word [si + 10], 0
        mov ax, 0x4300
        mov dl, 0x80
        int 0x13
        claim nc, "twenty sectors are written by packet"
        claim_equal word [.packet + 2], 20, "and the packet says so"
        mov ah, 0x44
        mov si, .packet
        mov dl, 0x80
        int 0x13
        claim nc, "and verified"
        mov ax, buffer
        mov es, ax
        xor di, di
        xor ax, ax
        mov cx, 20 * 256
        rep stosw
        mov ax, 2000
        call disk_chs
        mov ax, 0x0214
        mov bx, 0
        int 0x13
        claim nc, "they are read by CHS"
        claim_equal ax, 0x0014, "AH and AL say so"
        xor di, di
        mov cx, 20 * 256
.compare:
        mov ax, [es:di]
        xor ax, 0x5a5a
        cmp ax, di
        jne .different
        add di, 2
        loop .compare
.different:
        claim_equal di, 20 * 512, "and hold what was written"

        mov ax, 2001                    ; write one by CHS, read it by packet into odd places
        call disk_chs
        xor bx, bx
        mov word [es:0], 0x7777
        mov ax, 0x0301
        int 0x13
        claim nc, "a sector is written by CHS"
        mov si, .packet
        mov word [si + 2], 3
        mov word [si + 4], 0xff01       ; 1FF01: across a segment's end
        mov word [si + 8], 2000
        mov ah, 0x42
        mov dl, 0x80
        int 0x13
        claim nc, "three sectors are read across a segment's end"
        mov ax, buffer + 0x1000
        mov es, ax
        claim_equal word [es:0x101], 0x7777, "the second begins behind it"
        claim_equal word [es:0x301], 0x5a5a ^ 1024, "the third follows"
        mov ax, 2000
        call disk_chs
        mov ax, 0x0403
        int 0x13
        claim nc, "sectors are verified by CHS"

        mov ax, buffer
        mov es, ax
        mov ax, 0x0201                  ; errors
        mov bx, 0
        mov cx, 0x0000
        mov dx, 0x0080
        int 0x13
        claim c, "sector 0 is an error"
        claim_byte ah, 4, "sector not found"
        mov ah, 1
        mov dl, 0x80
        int 0x13
        claim_byte ah, 4, "AH=01h tells it again"
        mov ax, 0x0200
        mov cx, 0x0001
        mov dx, 0x0080
        int 0x13
        claim_byte ah, 1, "reading no sector is an error"
        mov ax, 0x0201
        mov cx, 0x0001
        mov dh, [.heads]
        mov dl, 0x80
        int 0x13
        claim_byte ah, 4, "a head too many is an error"
        mov ax, 0x0201
        mov cx, 0x0001
        mov dx, 0x0088
        int 0x13
        claim c, "there is no ninth disk"
        mov ah, 0x15
        mov dl, 0x88
        int 0x13
        claim_byte ah, 0, "AH=15h says so"
        mov word [.table], 0x1a
        mov si, .table
        mov ah, 0x48
        mov dl, 0x80
        int 0x13
        mov si, .packet
        mov word [si + 2], 2
        mov word [si + 4], 0
        mov ax, [.table + 16]
        sub ax, 1
        mov [si + 8], ax
        mov ax, [.table + 18]
        sbb ax, 0
        mov [si + 10], ax
        mov ah, 0x42
        mov dl, 0x80
        int 0x13
        claim c, "reading past the end is an error"
        claim_byte ah, 4, "sector not found"
        mov si, .packet
        mov word [si + 2], 1
        mov ah, 0x42
        mov dl, 0x80
        int 0x13
        claim nc, "the very last sector is read"
        mov ah, 0x47
        mov si, .packet
        mov dl, 0x80
        int 0x13
        claim nc, "and found by a seek"
        mov ah, 0x10
        mov dl, 0x80
        int 0x13
        claim nc, "the disk is ready"
        mov ah, 0x11
        mov dl, 0x80
        int 0x13
        claim nc, "recalibrates"
        mov ah, 0x14
        mov dl, 0x80
        int 0x13
        claim nc, "passes its diagnostics"
        mov ah, 0x0d
        mov dl, 0x80
        int 0x13
        claim nc, "and is reset"
        mov ah, 0
        mov dl, 0x80
        int 0x13
        claim nc, "floppies with it"
        mov ax, 2000
        call disk_chs
        mov ax, 0x0201
        xor bx, bx
        int 0x13
        claim nc, "after which it still reads"
        claim_equal word [es:0], 0x5a5a, "what it holds"
        mov ah, 0x05
        mov dl, 0x80
        int 0x13
        claim_byte ah, 1, "a track of it is not formatted"
        push ds
        xor ax, ax
        mov ds, ax
        les bx, [0x41 * 4]
        pop ds
        mov al, [es:bx + 2]
        mov ah, 0
        cmp ax, [.heads]
        claim e, "INT 41h points to a table with its heads"
        mov al, [es:bx + 14]
        mov ah, 0
        cmp ax, [.sectors]
        claim e, "and sectors"
        mov ax, 0x40
        mov es, ax
        cmp byte [es:0x75], 1
        claim ae, "0040:0075 counts it"
        ret
.sectors:
        dw 0
.heads: dw 0
.cylinders:
        dw 0
.size:  dd 0
.packet:
        db 16, 0
        dw 0, 0, 0
        dd 0, 0
.table: times 0x42 db 0

; Sector AX as CHS in CX and DX, drive 80h.
disk_chs:
        xor dx, dx
        div word [disk_tests.sectors]
        mov cl, dl
        inc cl
        xor dx, dx
        div word [disk_tests.heads]
        mov ch, al
        mov dh, dl
        mov dl, 0x80
        push cx
        mov cl, 6
        shl ah, cl
        pop cx
        or cl, ah
        ret
