; INT 09h and 16h. Keys are pressed by giving the keyboard controller scan codes to send.

; press code, code...: as the keyboard would, each waited for until it is taken.
%macro press 1-*
    %rep %0
        mov al, %1
        call send_scan_code
        %rotate 1
    %endrep
%endmacro

; A key with its release.
%macro stroke 1
        press %1, %1 | 0x80
%endmacro

; key value, "text": the next key, by function 10h, is this.
%macro key 2
        call next_key
        claim_equal ax, %1, %2
%endmacro

send_scan_code:
        push ax
        push cx
        push ax
        call .wait
        mov al, 0xd2
        out 0x64, al
        call .wait
        pop ax
        out 0x60, al
        mov cx, 3000
.taken:                                 ; until INT 09h has read it
        in al, 0x61
        in al, 0x61
        in al, 0x64
        test al, 1
        loopnz .taken
        mov cx, 1000
        loop $
        pop cx
        pop ax
        ret
.wait:
        in al, 0x64
        test al, 2
        jnz .wait
        ret

; AX = the next key, 0 if there is none.
next_key:
        mov ah, 0x11
        int 0x16
        mov ax, 0
        jz .none
        mov ah, 0x10
        int 0x16
.none:
        ret

keyboard_tests:
        sti
        mov ah, 1
        int 0x16
        claim z, "no key is waiting"
        stroke 0x1e
        mov ah, 1
        int 0x16
        claim nz, "a key is waiting"
        claim_equal ax, 0x1e61, "INT 16h AH=01h shows it"
        mov ah, 0
        int 0x16
        claim_equal ax, 0x1e61, "INT 16h AH=00h takes it: a"
        mov ah, 1
        int 0x16
        claim z, "and then it is gone"

        press 0x2a, 0x1e
        mov ah, 2
        int 0x16
        test al, 0x02
        claim nz, "the left shift is seen"
        press 0x9e, 0xaa
        key 0x1e41, "A"
        mov ah, 2
        int 0x16
        test al, 0x02
        claim z, "and its end"
        press 0x1d
        stroke 0x1e
        press 0x9d
        key 0x1e01, "Ctrl-A"
        press 0x38
        stroke 0x1e
        press 0xb8
        key 0x1e00, "Alt-A"
        stroke 0x3a
        stroke 0x1e
        key 0x1e41, "A with Caps Lock"
        press 0x2a
        stroke 0x1e
        press 0xaa
        key 0x1e61, "a with Caps Lock and Shift"
        stroke 0x02
        key 0x0231, "1 with Caps Lock"
        stroke 0x3a
        stroke 0x47
        key 0x4700, "Home on the pad"
        stroke 0x45
        stroke 0x47
        key 0x4737, "7 on the pad with Num Lock"
        press 0xe0, 0x47, 0xe0, 0xc7
        key 0x47e0, "grey Home with Num Lock"
        stroke 0x45
        press 0xe0, 0x48, 0xe0, 0xc8
        mov ah, 0
        int 0x16
        claim_equal ax, 0x4800, "grey Up as AH=00h gives it"
        press 0xe0, 0x1c, 0xe0, 0x9c
        key 0xe00d, "the pad's Enter"
        press 0xe0, 0x1c, 0xe0, 0x9c
        mov ah, 0
        int 0x16
        claim_equal ax, 0x1c0d, "the pad's Enter as AH=00h gives it"
        stroke 0x57
        key 0x8500, "F11"
        stroke 0x57
        stroke 0x3b
        mov ah, 0
        int 0x16
        claim_equal ax, 0x3b00, "AH=00h passes over F11 to F1"
        press 0x2a
        stroke 0x3b
        press 0xaa
        key 0x5400, "Shift-F1"
        press 0x1d
        stroke 0x3b
        press 0x9d
        key 0x5e00, "Ctrl-F1"
        press 0x38
        stroke 0x3b
        press 0xb8
        key 0x6800, "Alt-F1"
        stroke 0x2b
        key 0x2b5c, "backslash"
        stroke 0x35
        key 0x352f, "slash"
        stroke 0x39
        key 0x3920, "space"
        stroke 0x0e
        key 0x0e08, "Backspace"
        press 0x1d
        stroke 0x0e
        press 0x9d
        key 0x0e7f, "Ctrl-Backspace"
        press 0x2a
        stroke 0x0f
        press 0xaa
        key 0x0f00, "Shift-Tab"
        press 0x38
        stroke 0x01
        press 0xb8
        key 0x0100, "Alt-Esc as AH=10h gives it"

        press 0x38                      ; Alt 6 5
        stroke 0x4d
        stroke 0x4c
        press 0xb8
        key 0x0041, "Alt and 65 on the pad"

        press 0xe0, 0x1d
        mov ah, 0x12
        int 0x16
        test ah, 0x04
        claim nz, "AH=12h tells the right Ctrl"
        test al, 0x04
        claim nz, "which is a Ctrl"
        press 0xe0, 0x9d
        press 0xe0, 0x38
        mov ah, 0x12
        int 0x16
        test ah, 0x08
        claim nz, "AH=12h tells the right Alt"
        press 0xe0, 0xb8
        mov ah, 0x12
        int 0x16
        claim_equal ax, 0, "and nothing when nothing is held"

        mov cx, 0x1234
        mov ah, 5
        int 0x16
        claim_byte al, 0, "AH=05h stores a key"
        key 0x1234, "which comes out again"
        mov di, 0
.fill:
        mov cx, di
        inc cx
        mov ah, 5
        int 0x16
        test al, al
        jnz .full
        inc di
        cmp di, 100
        jb .fill
.full:
        claim_equal di, 15, "fifteen keys fill the buffer"
        stroke 0x1e
        mov di, 0
.empty:
        call next_key
        test ax, ax
        jz .emptied
        inc di
        cmp ax, di
        je .empty
.emptied:
        claim_equal di, 15, "they come out in order, and one more was lost"

        push ds
        xor ax, ax
        mov ds, ax
        mov word [0x1b * 4], .break
        mov [0x1b * 4 + 2], cs
        push word [0x05 * 4]
        push word [0x05 * 4 + 2]
        mov word [0x05 * 4], .print
        mov [0x05 * 4 + 2], cs
        push word [0x15 * 4]
        push word [0x15 * 4 + 2]
        pop word [cs:.int15 + 2]
        pop word [cs:.int15]
        mov word [0x15 * 4], .services
        mov [0x15 * 4 + 2], cs
        pop word [cs:.int05 + 2]
        pop word [cs:.int05]
        pop ds
        stroke 0x1e
        press 0x1d, 0xe0, 0x46, 0xe0, 0xc6, 0x9d
        claim_byte byte [.breaks], 1, "Ctrl-Break calls INT 1Bh"
        mov ah, 0x11
        int 0x16
        claim nz, "and leaves a key"
        claim_equal ax, 0, "which is zero, with nothing before it"
        mov ah, 0x10
        int 0x16
        push ds
        mov ax, 0x40
        mov ds, ax
        claim_byte byte [0x71], 0x80, "0040:0071 tells of it"
        pop ds
        press 0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa
        claim_byte byte [.prints], 1, "PrtSc calls INT 05h"
        stroke 0x37
        key 0x372a, "the asterisk of the pad"
        press 0x1d, 0xe0, 0x37, 0xe0, 0xb7, 0x9d
        key 0x7200, "Ctrl-PrtSc"
        press 0x38, 0x54
        claim_equal word [.sysrq], 0x8500, "SysRq pressed calls INT 15h AX=8500h"
        press 0xd4, 0xb8
        claim_equal word [.sysrq], 0x8501, "released AX=8501h"
        mov byte [.drop], 0x30
        stroke 0x30
        key 0, "a code that AH=4Fh drops gives no key"
        mov byte [.drop], 0
        stroke 0x30
        key 0x3062, "b"
        cmp word [.posts], 3
        claim a, "AX=9102h tells of every key"
        push ds
        xor ax, ax
        mov ds, ax
        mov ax, [cs:.int15]
        mov [0x15 * 4], ax
        mov ax, [cs:.int15 + 2]
        mov [0x15 * 4 + 2], ax
        mov ax, [cs:.int05]
        mov [0x05 * 4], ax
        mov ax, [cs:.int05 + 2]
        mov [0x05 * 4 + 2], ax
        pop ds
        mov ah, 9
        int 0x16
        test al, 0x20
        claim nz, "AH=09h tells that 10h-12h are there"
        mov bx, 0x0300                  ; slowest delay, fastest rate
        mov ax, 0x0305
        int 0x16
        mov bx, 0
        mov ax, 0x0306
        int 0x16
        claim_equal bx, 0x0300, "the repeat rate can be set and told"
        mov bx, 0x010b
        mov ax, 0x0305
        int 0x16
        ret
.break: inc byte [cs:.breaks]
        iret
.print: inc byte [cs:.prints]
        iret
.services:
        cmp ah, 0x85
        jne .no_sysrq
        mov [cs:.sysrq], ax
.no_sysrq:
        cmp ax, 0x9102
        jne .no_post
        inc word [cs:.posts]
.no_post:
        cmp ah, 0x4f
        jne .pass
        cmp al, [cs:.drop]
        jne .pass
        push bp
        mov bp, sp
        and byte [bp + 6], 0xfe
        pop bp
        iret
.pass:
        jmp far [cs:.int15]
.int15: dd 0
.int05: dd 0
.breaks:
        db 0
.prints:
        db 0
.drop:  db 0
.sysrq: dw 0
.posts: dw 0
