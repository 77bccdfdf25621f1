; What POST writes on the screen, by INT 10h.

; The text at CS:SI, up to its zero. Changes AX, BX, SI.
print:
        mov al, [cs:si]
        test al, al
        jz .done
        inc si
        call print_character
        jmp print
.done:
        ret

print_character:
        push bx
        push bp                         ; early INT 10h services lose it in scrolling
        mov ah, 0x0e
        mov bx, 0x0007
        int 0x10
        pop bp
        pop bx
        ret

; The text at CS:SI that follows AL zeros.
print_choice:
        test al, al
        jz print
.skip:
        cmp byte [cs:si], 0
        lea si, [si + 1]
        jne .skip
        dec al
        jmp print_choice

; DX:AX as a decimal number. Changes AX, BX, CX, DX.
print_decimal:
        push di
        mov bx, 10
        xor cx, cx
.digit:
        push ax
        mov ax, dx
        xor dx, dx
        div bx
        mov di, ax                      ; high quotient
        pop ax
        div bx
        push dx                         ; the digit
        inc cx
        mov dx, di
        mov di, ax
        or di, dx
        jnz .digit
.print:
        pop ax
        add al, '0'
        call print_character
        loop .print
        pop di
        ret

print_word:
        xor dx, dx
        jmp print_decimal

show_title:
        mov si, .title
        call print
        ds_ebda
        mov al, [ebda.cpu]
        mov si, .processors
        call print_choice
        mov si, .base
        call print
        mov ds, [cs:bda_segment]
        mov ax, [bda.memory_kb]
        inc ax                          ; with what the BIOS keeps
        call print_word
        mov si, .kib
        call print
        call memory_pair
        mov dx, 64                      ; KiB above 1 MiB
        xchg ax, bx
        mul dx
        add ax, bx
        adc dx, 0
        mov bx, ax
        or bx, dx
        jz .none
        push ax
        push dx
        mov si, .and
        call print
        pop dx
        pop ax
        call print_decimal
        mov si, .extended
        jmp print
.none:
        mov si, .end
        jmp print
.title: db "Retrace BIOS", 13, 10, 13, 10, "Processor  ", 0
.processors:
        db "8086", 0, "80186", 0, "80286", 0, "80386", 0, "80486", 0, "80486 or later, with CPUID", 0
.base:  db 13, 10, "Memory     ", 0
.kib:   db " KiB", 0
.and:   db " + ", 0
.extended:
        db " KiB"
.end:   db 13, 10, 0

show_devices:
        ds_ebda
        mov di, 0
.floppy:
        mov al, [di + ebda.floppy_type]
        test al, al
        jz .no_floppy
        push ax
        mov si, .floppy_name
        call print
        mov ax, di
        add al, 'A'
        call print_character
        mov si, .colon
        call print
        pop ax
        dec al
        cmp al, 5
        jb .known
        mov al, 4
.known:
        mov si, .floppy_types
        call print_choice
        mov si, show_title.end
        call print
.no_floppy:
        inc di
        cmp di, 2
        jb .floppy
        mov di, 0
        mov bp, ebda.disk
.disk:
        mov es, [cs:bda_segment]
        mov al, [es:bda.disks]
        mov ah, 0
        cmp di, ax
        jae .disks_done
        mov si, .disk_name
        call print
        mov ax, di
        add al, '0'
        call print_character
        mov si, .disk_colon
        call print
        mov ax, [ds:bp + disk.capacity]
        mov dx, [ds:bp + disk.capacity + 2]
        mov cx, 11                      ; sectors to MiB
        cmp word [ds:bp + disk.capacity + 4], 0
        jne .huge
.shift:
        shr dx, 1
        rcr ax, 1
        loop .shift
        call print_decimal
        mov si, .mib
        call print
.huge:
        mov ax, [ds:bp + disk.told_cylinders]
        call print_word
        mov si, .cylinders
        call print
        mov ax, [ds:bp + disk.told_heads]
        call print_word
        mov si, .heads
        call print
        mov ax, [ds:bp + disk.told_sectors]
        call print_word
        mov si, .sectors
        call print
        inc di
        add bp, disk.bytes
        jmp .disk
.disks_done:
        mov es, [cs:bda_segment]
        test byte [es:bda.equipment], 0x04
        jz .no_mouse
        mov si, .mouse
        call print
.no_mouse:
        cmp byte [ebda.keyboard_ok], 0
        jne .done
        mov si, .no_keyboard
        call print
.done:
        mov si, show_title.end
        jmp print
.floppy_name:
        db "Floppy ", 0
.colon: db ":  ", 0
.floppy_types:
        db "360 KB", 0, "1.2 MB", 0, "720 KB", 0, "1.44 MB", 0, "2.88 MB", 0
.disk_name:
        db "Disk ", 0
.disk_colon:
        db ":    ", 0
.mib:   db " MiB, ", 0
.cylinders:
        db " cylinders, ", 0
.heads: db " heads, ", 0
.sectors:
        db " sectors", 13, 10, 0
.mouse: db "Mouse      PS/2", 13, 10, 0
.no_keyboard:
        db "Keyboard   does not answer", 13, 10, 0
