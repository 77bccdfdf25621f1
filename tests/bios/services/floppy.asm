; INT 13h with drive 0: this disk, which is filled with E5h behind the tests.

floppy_tests:
        mov ax, buffer
        mov es, ax

        mov ah, 8
        mov dl, 0
        int 0x13
        claim nc, "INT 13h AH=08h succeeds"
        claim_byte bl, 4, "drive A takes 1.44 MB"
        claim_equal cx, 0x4f12, "with 80 tracks of 18 sectors"
        claim_byte dh, 1, "on two sides"
        cmp dl, 1
        claim ae, "one floppy drive at least"
        claim_byte byte [es:di + 4], 18, "its parameter table says 18 sectors"
        mov ah, 0x15
        mov dl, 0
        int 0x13
        claim nc, "INT 13h AH=15h succeeds"
        claim_byte ah, 2, "drive A has a change line"
        mov ax, buffer
        mov es, ax

        xor bx, bx                      ; the boot sector once more
        mov ax, 0x0201
        mov cx, 0x0001
        mov dx, 0x0000
        int 0x13
        claim nc, "a sector is read"
        claim_equal ax, 0x0001, "AH and AL say so"
        claim_equal word [es:510], 0xaa55, "it is the boot sector"
        claim_equal word [es:3], 'RE', "with our name"
        mov ah, 1
        mov dl, 0
        int 0x13
        claim nc, "AH=01h comes without carry after success"
        claim_byte ah, 0, "and tells it"

        cld                             ; write five sectors from 17 of head 0 on, so that they go on on head 1
        xor di, di
        mov cx, 5 * 256
.pattern:
        mov ax, di
        stosw
        loop .pattern
        mov ax, 0x0305
        xor bx, bx
        mov cx, 0x4e10                  ; track 78, sector 16
        mov dx, 0x0000
        int 0x13
        claim nc, "five sectors are written across the heads"
        claim_equal ax, 0x0005, "AH and AL say so"
        mov ax, 0x0405
        mov cx, 0x4e10
        mov dx, 0x0000
        mov bl, 3
        call floppy_verify_in_parts
        claim nc, "and verified"
        xor di, di
        mov cx, 5 * 256
        xor ax, ax
        rep stosw
        mov ax, 0x0205
        xor bx, bx
        mov cx, 0x4e10
        mov dx, 0x0000
        int 0x13
        claim nc, "and read again"
        xor di, di
        mov cx, 5 * 256
.compare:
        cmp [es:di], di
        jne .different
        add di, 2
        loop .compare
.different:
        claim_equal di, 5 * 512, "they hold what was written"
        mov ax, 0x0201
        xor bx, bx
        mov cx, 0x4e01
        mov dx, 0x0100
        int 0x13
        claim_equal word [es:2], 0x0602, "the fourth of them is the first on head 1"

        mov ax, 0x0201                  ; errors
        mov cx, 0x0013
        mov dx, 0x0000
        int 0x13
        claim c, "sector 19 of 18 is an error"
        claim_byte ah, 4, "sector not found"
        mov ah, 1
        mov dl, 0
        int 0x13
        claim c, "AH=01h comes with carry after an error"
        claim_byte ah, 4, "and tells it again"
        mov ax, 0x0201
        mov cx, 0x0001
        mov dx, 0x0000
        int 0x13
        claim nc, "after it all is well"
        mov ax, 0x0202
        mov bx, 0xff00                  ; 1FF00
        mov cx, 0x0001
        mov dx, 0x0000
        int 0x13
        claim c, "a transfer across 64 KiB is an error"
        claim_byte ah, 9, "the DMA cannot"
        mov ax, 0x1b00
        mov dl, 0
        int 0x13
        claim c, "an unknown function is an error"
        claim_byte ah, 1, "bad command"
        mov ax, 0x0200
        mov cx, 0x0001
        mov dx, 0x0000
        int 0x13
        claim_byte ah, 1, "reading no sector is one, too"
        mov ax, 0x0201
        mov cx, 0x0001
        mov dx, 0x0003
        int 0x13
        claim c, "there is no fourth drive"
        mov ah, 0x15
        mov dl, 3
        int 0x13
        claim_byte ah, 0, "AH=15h says so"

        mov ah, 0
        mov dl, 0
        int 0x13
        claim nc, "the drive is reset"
        mov ah, 0x16
        mov dl, 0
        int 0x13
        claim_byte ah, 0, "the disk was not changed"

        mov ah, 0x18                    ; format track 79, head 1
        mov cx, 0x4f12
        mov dl, 0
        int 0x13
        claim nc, "a 1.44 MB format can be set"
        claim_byte byte [es:di + 4], 18, "the table that belongs to it has 18 sectors"
        claim_byte byte [es:di + 7], 0x6c, "and the gap for formatting"
        mov ax, buffer
        mov es, ax
        mov ah, 0x18
        mov cx, 0x4f23
        mov dl, 0
        int 0x13
        claim_byte ah, 0x0c, "one of 35 sectors cannot"
        mov ax, buffer
        mov es, ax
        xor di, di
        mov al, 1
.mark:
        mov byte [es:di], 79
        mov byte [es:di + 1], 1
        mov [es:di + 2], al
        mov byte [es:di + 3], 2
        add di, 4
        inc ax
        cmp al, 18
        jbe .mark
        mov ax, 0x0512
        xor bx, bx
        mov cx, 0x4f01
        mov dx, 0x0100
        int 0x13
        claim nc, "a track is formatted"
        mov word [es:0], 0
        mov ax, 0x0212
        xor bx, bx
        mov cx, 0x4f01
        mov dx, 0x0100
        int 0x13
        claim nc, "and can be read"
        claim_equal word [es:0], 0xf6f6, "its first byte is the filler"
        claim_equal word [es:18 * 512 - 2], 0xf6f6, "and its last"
        ret

; INT 13h with AX, of which AL sectors on head 0 and 1 from CX on: BL of them on head 0.
floppy_verify_in_parts:
        push ax
        mov al, bl
        int 0x13
        pop ax
        jc .done
        sub al, bl
        mov cl, 1
        mov dh, 1
        int 0x13
.done:
        ret
