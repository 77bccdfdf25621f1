; Tables, equipment, entry points at fixed addresses, the small services of INT 15h.

cpu_class:
        db 0                            ; 0: 8086, 2: 286, 3: 386 or later

detect_cpu:
        pushf
        pop ax
        and ax, 0x0fff
        push ax
        popf
        pushf
        pop ax
        and ax, 0xf000
        cmp ax, 0xf000
        je .done
        mov byte [cpu_class], 2
        pushf
        pop ax
        or ax, 0x7000
        push ax
        popf
        pushf
        pop ax
        test ax, 0x7000
        jz .done
        mov byte [cpu_class], 3
.done:
        ret

system_tests:
        int 0x12
        claim_equal ax, 639, "INT 12h tells 639 KiB, the last KiB of 640 being the BIOS's"
        int 0x11
        test al, 0x01
        claim nz, "INT 11h tells of a floppy drive"
        and al, 0x30
        claim_byte al, 0x20, "INT 11h tells 80 columns in colour"

        mov ah, 0xc0
        int 0x15
        claim nc, "INT 15h AH=C0h succeeds"
        cmp word [es:bx], 8
        claim ae, "the configuration table has at least eight bytes"
        claim_byte byte [es:bx + 2], 0xfc, "the configuration table says AT"
        test byte [es:bx + 5], 0x04
        claim nz, "the configuration table tells of an extended data area"
        mov ax, 0xffff
        mov es, ax
        claim_byte byte [es:0x0e], 0xfc, "the model byte at F000:FFFE says AT"
        claim_byte byte [es:0x00], 0xea, "a far jump stands at the reset vector"
        claim_equal word [es:0x01], 0xe05b, "and leads to E05B"
        claim_byte byte [es:0x07], '/', "a date stands at F000:FFF5"

        mov ah, 0xc1
        int 0x15
        claim nc, "INT 15h AH=C1h succeeds"
        mov ax, es
        push ds
        mov bx, 0x40
        mov ds, bx
        cmp ax, [0x0e]
        pop ds
        claim e, "and returns the segment that 0040:000E names"
        claim_byte byte [es:0], 1, "the extended data area has one KiB"

        mov ax, 0x4f1e
        stc
        int 0x15
        claim c, "INT 15h AH=4Fh keeps a key"
        claim_byte al, 0x1e, "INT 15h AH=4Fh leaves the code alone"
        mov ax, 0x9002
        stc
        int 0x15
        claim nc, "INT 15h AH=90h does not time out by itself"
        mov ah, 0x7f
        clc
        int 0x15
        claim c, "an unknown function of INT 15h sets carry"
        claim_byte ah, 0x86, "an unknown function of INT 15h answers 86h"
        mov ax, 0x5300
        mov bx, 0
        int 0x15
        claim nc, "APM is there"
        claim_equal bx, 'P' << 8 | 'M', "APM signs with PM"
        claim_equal ax, 0x0102, "APM is version 1.2"
        mov ax, 0x530e
        mov bx, 0
        mov cx, 0x0102
        int 0x15
        claim c, "APM tells no version before it is connected"
        mov ax, 0x5301
        mov bx, 0
        int 0x15
        claim nc, "APM connects"
        mov ax, 0x5301
        mov bx, 0
        int 0x15
        claim_byte ah, 0x02, "APM connects once"
        mov ax, 0x5304
        mov bx, 0
        int 0x15
        claim nc, "APM disconnects"

        pushf                           ; INT 12h by its fixed address
        call 0xf000:0xf841
        claim_equal ax, 639, "F000:F841 is INT 12h"
        pushf
        call 0xf000:0xf84d
        mov bx, ax
        int 0x11
        cmp ax, bx
        claim e, "F000:F84D is INT 11h"
        mov ah, 0xc0
        pushf
        call 0xf000:0xf859
        claim_equal bx, 0xe6f5, "F000:F859 is INT 15h, and its table lies at E6F5"
        mov ax, 0x0f00
        mov bx, 0x1234
        pushf
        call 0xf000:0xf065
        claim_byte al, 3, "F000:F065 leads to the installed INT 10h"
        mov ax, 0xf000
        mov es, ax
        claim_byte byte [es:0xff53], 0xcf, "an IRET stands at F000:FF53"
        claim_equal word [es:0xefc7 + 3], 0x1202, "the floppy table stands at F000:EFC7"
        claim_equal word [es:0xe729 + 14], 12, "the rates of INT 14h stand at F000:E729"
        claim_equal word [es:0xf0a4 + 16], 0x5071, "video parameters stand at F000:F0A4"
        claim_equal word [es:0xe401], 306, "disk types stand at F000:E401"
        mov al, 0
        mov cx, 8
        mov bx, 0xfa6e + 'A' * 8
.font:
        or al, [es:bx]
        inc bx
        loop .font
        test al, al
        claim nz, "a font stands at F000:FA6E"
        mov al, 0
        mov cx, 8
        mov bx, 0xfa6e + ' ' * 8
.blank:
        or al, [es:bx]
        inc bx
        loop .blank
        test al, al
        claim z, "and its space is empty"

        mov ax, 0x1111                  ; a service returns what it does not use
        mov es, ax
        mov cx, 0x2222
        mov si, 0x3333
        mov di, 0x4444
        mov bp, 0x5555
        mov dx, 0x6666
        mov ax, 0x8000
        int 0x15
        claim_equal cx, 0x2222, "INT 15h keeps CX"
        claim_equal si, 0x3333, "INT 15h keeps SI"
        claim_equal di, 0x4444, "INT 15h keeps DI"
        claim_equal bp, 0x5555, "INT 15h keeps BP"
        mov ax, es
        claim_equal ax, 0x1111, "INT 15h keeps ES"
        ret
