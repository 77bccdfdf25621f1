; INT 13h functions 41h-4Eh: disks by block number (Phoenix, Enhanced Disk Drive Specification 3.0).
; Registers as in disk.asm; the caller's packet or buffer is at its DS:SI.

edd_functions:
        dw edd_check, edd_read, edd_write, edd_verify, edd_lock, edd_eject, edd_seek, edd_parameters
        dw edd_changed
.end:

; AH=41h, BX=55AAh: BX=AA55h, AH=30h (version 3.0), CX=5 (packets, and EDD's parameters).
edd_check:
        cmp word [caller_bx], 0x55aa
        mov ah, disk_bad_command
        jne .done
        mov word [caller_bx], 0xaa55
        mov word [caller_cx], 0x0005
        mov byte [caller_ah], 0x30
        pop ax
        mov ds, [cs:bda_segment]
        mov byte [bda.disk_status], 0
        jmp int13_disk.exit
.done:
        ret

edd_read:
        mov al, 0
        jmp edd_transfer
edd_write:
        cmp byte [caller_al], 2         ; with verification
        ja disk_bad
        mov al, 2
        call edd_transfer
        test ah, ah
        jnz .done
        cmp byte [caller_al], 2
        jne .done
        mov al, 4
        jmp edd_transfer
.done:
        ret
edd_verify:
        mov al, 4
edd_transfer:
        mov [ebda.io_operation], al
        call edd_packet
        jc .done
        call ata_transfer
        mov cx, [ebda.io_done]
        push ds
        mov ds, [caller_ds]
        mov di, [caller_si]
        mov [di + 2], cx                ; so many were done
        pop ds
.done:
        ret

; The packet: 0 size (16), 2 blocks, 4 buffer, 8 first block. Carry: AH = what is wrong with it.
edd_packet:
        push es
        mov es, [caller_ds]
        mov di, [caller_si]
        cmp byte [es:di], 0x10
        jb .bad
        mov ax, [es:di + 2]
        mov [ebda.io_left], ax
        mov ax, [es:di + 4]
        mov [ebda.io_offset], ax
        mov ax, [es:di + 6]
        mov [ebda.io_segment], ax
        mov ax, [es:di + 8]
        mov [ebda.io_lba], ax
        mov ax, [es:di + 10]
        mov [ebda.io_lba + 2], ax
        mov ax, [es:di + 12]
        mov [ebda.io_lba + 4], ax
        mov ax, [es:di + 14]
        mov [ebda.io_lba + 6], ax
        pop es
        clc
        ret
.bad:
        pop es
        mov ah, disk_bad_command
        stc
        ret

; AH=45h: a fixed disk needs no lock, and cannot be unlocked either; AL=2 asks: not locked.
edd_lock:
        cmp byte [caller_al], 2
        ja disk_bad
        mov byte [caller_al], 0
        mov ah, disk_ok
        ret

; AH=46h: volume not removable.
edd_eject:
        mov ah, 0xb2
        ret

edd_seek:
        call edd_packet
        jc .done
        call disk_in_range
        jc .done
        mov al, 0x70
        jmp ata_simple_at_address
.done:
        ret

edd_changed:
        mov ah, disk_ok
        ret

; AH=48h: the table grows with the size the caller gives: 1Ah, 1Eh with the parameter table's address, 42h with the
; device's path.
edd_parameters:
        mov es, [caller_ds]
        mov di, [caller_si]
        mov dx, [es:di]
        cmp dx, 0x1a
        jb .bad
        mov cx, 0x1a
        cmp dx, 0x1e
        jb .size
        mov cx, 0x1e
        cmp dx, 0x42
        jb .size
        mov cx, 0x42
.size:
        mov ax, cx
        stosw
        xor bx, bx                      ; flags: bit 1: the geometry below is meaningful
        cmp word [si + disk.capacity + 4], 0
        jne .flags
        cmp word [si + disk.capacity + 2], 16514064 >> 16
        ja .flags
        jb .has_geometry
        cmp word [si + disk.capacity], 16514064 & 0xffff
        ja .flags
.has_geometry:
        mov bl, 0x02
.flags:
        mov ax, bx
        stosw
        mov ax, [si + disk.cylinders]
        call .dword
        mov ax, [si + disk.heads]
        call .dword
        mov ax, [si + disk.sectors]
        call .dword
        push si
        add si, disk.capacity
        movsw
        movsw
        movsw
        movsw
        pop si
        mov ax, 512
        stosw
        cmp cx, 0x1e
        jb .good
        mov ax, ebda.edd_table
        stosw
        mov ax, ds
        stosw
        push di
        call .table
        pop di
        cmp cx, 0x42
        jb .good
        mov bx, di
        mov ax, 0xbedd
        stosw
        mov ax, 0x0024
        stosw
        xor ax, ax
        stosw
        push si
        push ds
        push cs
        pop ds
        mov si, .path
        mov cx, 6
        rep movsw
        pop ds
        pop si
        mov ax, [si + disk.port]
        stosw
        xor ax, ax
        stosw
        stosw
        stosw
        mov al, [si + disk.select]
        mov cl, 4
        shr al, cl
        and al, 0x01
        stosw
        xor ax, ax
        stosw
        stosw
        stosw
        stosb
        mov cx, 35
        mov al, 0
.sum:
        sub al, [es:bx]
        inc bx
        loop .sum
        mov [es:bx], al
.good:
        mov ah, disk_ok
        ret
.bad:
        jmp disk_bad
.path:  db "ISA ", "ATA     "
.dword:
        stosw
        xor ax, ax
        stosw
        ret
; The device parameter table: ports, drive select, IRQ, PIO, and what is translated.
.table:
        push es
        push cx
        mov ax, ds
        mov es, ax
        mov di, ebda.edd_table
        mov ax, [si + disk.port]
        stosw
        mov ax, [si + disk.control]
        stosw
        mov al, [si + disk.select]
        test byte [si + disk.flags], disk_is_lba
        jz .chs
        or al, 0x40
.chs:
        or al, 0xa0
        stosb
        mov al, 0xcb                    ; Phoenix's number for itself
        stosb
        mov al, 14
        cmp word [si + disk.port], 0x1f0
        je .irq
        inc ax
.irq:
        stosb
        mov al, 1                       ; sectors per block
        stosb
        xor ax, ax                      ; no DMA, PIO type 0
        stosw
        mov al, [si + disk.flags]
        mov ah, 0
        and al, disk_translated | disk_is_lba
        mov bl, 0
        test al, disk_translated
        jz .no_translation
        or bl, 0x08
.no_translation:
        test al, disk_is_lba
        jz .no_lba
        or bl, 0x10
.no_lba:
        mov al, bl
        stosw
        mov ax, 0
        stosw
        mov al, 0x11                    ; revision of this table
        mov ah, 0
        stosb
        push si
        mov si, ebda.edd_table
        mov cx, 15
        mov bl, 0
.table_sum:
        lodsb
        sub bl, al
        loop .table_sum
        mov [si], bl
        pop si
        pop cx
        pop es
        ret
