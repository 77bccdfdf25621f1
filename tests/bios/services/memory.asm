; A20, how much memory there is, the block move.

memory_tests:
        mov ah, 0x88
        int 0x15
        cmp byte [cpu_class], 2
        jae .at
        claim c, "an 8086 has no extended memory"
        ret
.at:
        claim nc, "INT 15h AH=88h succeeds"
        mov [.kib], ax
        cmp ax, 1024
        claim ae, "there is a MiB of extended memory at least"

        mov ax, 0x2401
        int 0x15
        claim nc, "A20 goes on"
        mov ax, 0x2402
        int 0x15
        claim_byte al, 1, "A20 is on"
        mov ax, 0xffff
        mov es, ax
        mov word [es:0x510], 0x1234     ; 100500h
        mov word [0x500], 0x5678
        claim_equal word [es:0x510], 0x1234, "100500h is not 500h with A20"
        mov ax, 0x2400
        int 0x15
        mov ax, 0x2402
        int 0x15
        claim_byte al, 0, "A20 is off"
        claim_equal word [es:0x510], 0x5678, "100500h is 500h without A20"
        mov ax, 0x2403
        int 0x15
        test bx, 3
        claim nz, "A20 tells its gates"

        mov ax, 0xe801
        int 0x15
        claim nc, "INT 15h AX=E801h succeeds"
        cmp ax, cx
        claim e, "E801h tells it in AX and CX"
        cmp bx, dx
        claim e, "E801h tells it in BX and DX"
        cmp ax, 15 * 1024
        claim be, "E801h tells at most 15 MiB in AX"

        mov si, .table
        call fill_move_table
        mov ax, cs
        mov es, ax
        mov word [es:.pattern], 0xbeef
        mov cx, 300
        mov ah, 0x87
        int 0x15
        claim nc, "a block moves up"
        claim_byte ah, 0, "and the move says so"
        mov ax, [.table + 0x12]
        xchg ax, [.table + 0x1a]
        mov [.table + 0x12], ax
        mov al, [.table + 0x14]
        xchg al, [.table + 0x1c]
        mov [.table + 0x14], al
        mov word [.pattern], 0
        mov word [.pattern + 598], 0
        mov cx, 300
        mov ah, 0x87
        int 0x15
        claim nc, "and down again"
        claim_equal word [.pattern], 0xbeef, "its first word came back"
        claim_equal word [.pattern + 598], 0xcafe, "its last word came back"
        mov ax, 0x2402
        int 0x15
        claim_byte al, 0, "A20 is off after the move as before"

        call protected_mode_tests
        cmp byte [cpu_class], 3
        jae .map
        ret
.map:
        jmp memory_map_tests
.kib:   dw 0
.table: times 48 db 0
.pattern:
        dw 0xbeef
        times 298 dw 0x1234
        dw 0xcafe

; SI = the table: from .pattern to 120000h.
fill_move_table:
        mov word [si + 0x10], 0xffff
        mov word [si + 0x12], memory_tests.pattern
        mov byte [si + 0x14], 0
        mov byte [si + 0x15], 0x93
        mov word [si + 0x18], 0xffff
        mov word [si + 0x1a], 0
        mov byte [si + 0x1c], 0x12
        mov byte [si + 0x1d], 0x93
        ret

; INT 15h AH=89h. A 286 comes back by a reset with shutdown code 0Ah, a 386 by its own means.
        cpu 286
protected_mode_tests:
        mov word [.masks], 0
        mov word [.selector], 0
        cli
        xor ax, ax
        mov es, ax
        mov si, .table
        mov bx, 0x5058
        mov ah, 0x89
        int 0x15
        mov [.selector], cs
        smsw [.machine_status]
        mov word [es:0x10], 0x4321      ; 100010h
        in al, 0x21
        mov [.masks], al
        in al, 0xa1
        mov [.masks + 1], al
        cmp byte [cpu_class], 3
        jae .by_cr0
        mov [.stack], sp
        mov word [0x467], .back
        mov word [0x469], 0
        mov al, 0x8f
        out 0x70, al
        mov al, 0x0a
        out 0x71, al
        mov al, 0xfe
        out 0x64, al
.stop:  hlt
        jmp .stop
        cpu 386
.by_cr0:
        mov eax, cr0
        and al, 0xfe
        mov cr0, eax
        mov [.stack], sp
        jmp 0:.back
        cpu 286
.back:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, [.stack]
        lidt [.real_vectors]
        mov al, 0x11                    ; the interrupt controllers as they were
        out 0x20, al
        out 0xa0, al
        mov al, 0x08
        out 0x21, al
        mov al, 0x70
        out 0xa1, al
        mov al, 0x04
        out 0x21, al
        mov al, 0x02
        out 0xa1, al
        mov al, 0x01
        out 0x21, al
        out 0xa1, al
        mov al, 0xb8
        out 0x21, al
        mov al, 0x0f
        out 0xa1, al
        sti
        cld
        claim_equal word [.selector], 0x30, "INT 15h AH=89h returns to the caller's code segment"
        test byte [.machine_status], 1
        claim nz, "in protected mode"
        claim_equal word [.masks], 0xffff, "with every interrupt masked"
        mov ax, 0x2401
        int 0x15
        mov ax, 0xffff
        mov es, ax
        claim_equal word [es:0x20], 0x4321, "and its segments lie where the table puts them"
        mov ax, 0x2400
        int 0x15
        ret
.selector:
        dw 0
.machine_status:
        dw 0
.masks: dw 0
.stack: dw 0
.real_vectors:
        dw 0x3ff
        dd 0
.table: dw 0, 0, 0, 0
        dw 0x3f, .table, 0x9300, 0      ; 08 this table
        dw 0, 0, 0, 0                   ; 10 no interrupts
        dw 0xffff, 0, 0x9300, 0         ; 18 DS
        dw 0xffff, 0, 0x9310, 0         ; 20 ES at 100000h
        dw 0xffff, 0, 0x9300, 0         ; 28 SS
        dw 0xffff, 0, 0x9b00, 0         ; 30 CS
        dw 0, 0, 0, 0                   ; 38 the BIOS fills it

        cpu 386
memory_map_tests:
        push cs
        pop es
        xor ebx, ebx
        mov dword [.usable], 0
        mov word [.count], 0
.next:
        mov di, .entry
        mov eax, 0xe820
        mov ecx, 20
        mov edx, 0x534d4150
        int 0x15
        jc .end
        cmp eax, 0x534d4150
        jne .end
        inc word [.count]
        cmp dword [.entry + 16], 1
        jne .skip
        mov eax, [.entry + 8]
        add [.usable], eax
        cmp word [.count], 1
        jne .skip
        mov ax, [.entry + 8]
        mov [.first], ax
        mov ax, [.entry + 10]
        mov [.first + 2], ax
.skip:
        test ebx, ebx
        jz .end
        cmp word [.count], 20
        jb .next
.end:
        cmp word [.count], 4
        claim ae, "E820h has at least four entries"
        cmp word [.count], 20
        claim b, "and an end"
        cmp dword [.first], 639 * 1024
        claim e, "its first entry is the base memory"
        mov ax, 0xe801
        int 0x15
        movzx eax, ax
        shl eax, 10
        movzx ebx, bx
        shl ebx, 16
        add eax, ebx
        add eax, 639 * 1024
        cmp eax, [.usable]
        claim e, "E820h and E801h agree"
        xor ecx, ecx
        mov ax, 0xe881
        int 0x15
        cmp eax, ecx
        claim e, "E881h tells it in EAX and ECX"
        ret
.entry: times 20 db 0
.usable:
        dd 0
.first: dd 0
.count: dw 0
        cpu 8086
